"""`edgeway endpoint`: what stands behind an online endpoint, who gets its traffic, and what it logs."""

from __future__ import annotations

from cli.command import Group
from cli.commands.endpoint import logs, show, traffic

GROUP = Group(
    name="endpoint",
    help="see an online endpoint's deployments, traffic and logs",
    commands=(show.COMMAND, traffic.COMMAND, logs.COMMAND),
)
