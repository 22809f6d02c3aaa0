"""`edgeway rollout`: what is deployed, on its way to the devices."""

from __future__ import annotations

from cli.command import Group
from cli.commands.rollout import wait

GROUP = Group(
    name="rollout",
    help="wait until devices run what is deployed",
    commands=(wait.COMMAND,),
)
