"""`edgeway device`: what a real device needs to join, what each device really runs, and what it does on demand."""

from __future__ import annotations

from cli.command import Group
from cli.commands.device import config, logs, ping, restart, status

GROUP = Group(
    name="device",
    help="configure a real device, see what devices run, ask their agents",
    commands=(config.COMMAND, status.COMMAND, ping.COMMAND, logs.COMMAND, restart.COMMAND),
)
