"""The base of models over a table: columns, label, estimator and metrics in; data, training, card and answers made.

A model of it is one file, `models/<name>/model.py`, which sets `MODEL = Table(...)`. docs/a-table.md shows one.
"""

from models.table.columns import Choice, Flag, Number
from models.table.table import Seed, Table

__all__ = ["Choice", "Flag", "Number", "Seed", "Table"]
