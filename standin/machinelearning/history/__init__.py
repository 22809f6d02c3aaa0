"""What a region's host tells of runs: their history, and what scripts log while they run.

runs, metrics       as azure-ai-ml reads a run; MLflow's REST
access              who may read and write
"""

from __future__ import annotations

from collections.abc import Sequence

from standin.blob import Delegation
from standin.core.arm import Arm
from standin.core.auth import Roles
from standin.core.http import Route
from standin.machinelearning.history.access import RunAccess
from standin.machinelearning.history.metrics import Metrics
from standin.machinelearning.history.runs import History
from standin.machinelearning.jobs import Jobs, Logged

__all__ = ["routes"]


def routes(arm: Arm, roles: Roles, jobs: Jobs, delegation: Delegation, logged: Logged) -> Sequence[Route]:
    access = RunAccess(arm, roles, jobs)
    return (*History(jobs, access, delegation).routes(), *Metrics(jobs, access, logged).routes())
