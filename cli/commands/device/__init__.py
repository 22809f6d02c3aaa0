"""`edgeway device`: what a real device needs to join, how each is and what it runs, and what it does on demand."""

from __future__ import annotations

from cli.command import Group
from cli.commands.device import check, config, logs, ping, restart, rotate, status

GROUP = Group(
    name="device",
    help="configure a real device, see how devices are and what they run, ask their agents, change their keys",
    commands=(
        config.COMMAND,
        status.COMMAND,
        check.COMMAND,
        ping.COMMAND,
        logs.COMMAND,
        restart.COMMAND,
        rotate.COMMAND,
    ),
)
