"""`edgeway job`: what a stack's models train as on its clusters."""

from __future__ import annotations

from cli.command import Group
from cli.commands.job import cancel, list_, logs

GROUP = Group(
    name="job",
    help="list, read or cancel the jobs that train models on clusters",
    commands=(list_.COMMAND, logs.COMMAND, cancel.COMMAND),
)
