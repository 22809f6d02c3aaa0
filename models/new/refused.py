"""What a file of a model is refused with: one text that names the file, what is wrong, and what to do."""

from __future__ import annotations


class Refused(Exception):
    pass
