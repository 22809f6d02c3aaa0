"""`edgeway model`: what is done to the models of the clone."""

from __future__ import annotations

from cli.command import Group
from cli.commands.model import new

GROUP = Group(name="model", help="models of this clone", commands=(new.COMMAND,))
