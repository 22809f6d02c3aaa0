"""`edgeway layer`: what is done to the layers of the clone."""

from __future__ import annotations

from cli.command import Group
from cli.commands.layer import import_

GROUP = Group(name="layer", help="layers of this clone's devices", commands=(import_.COMMAND,))
