"""`edgeway device`: what a real device needs to join, and what each device really runs."""

from __future__ import annotations

from cli.command import Group
from cli.commands.device import config, status

GROUP = Group(
    name="device",
    help="configure a real device, or see what devices run",
    commands=(config.COMMAND, status.COMMAND),
)
