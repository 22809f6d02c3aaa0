"""Who may read runs, and write metrics of one: principals with a role on the workspace, and the job's own container.

https://learn.microsoft.com/azure/machine-learning/how-to-assign-roles
"""

from __future__ import annotations

import hashlib
import hmac

from standin.core.arm import Arm, Resource
from standin.core.auth import Roles
from standin.core.errors import Forbidden, Unauthorized
from standin.core.http import Request
from standin.core.rbac.conditions import Asked
from standin.machinelearning.jobs.errors import RunNotFound
from standin.machinelearning.jobs.jobs import TYPE, Jobs

_AUDIENCES = ("https://management.azure.com", "https://management.core.windows.net", "https://ml.azure.com")
_ACTION = "Microsoft.MachineLearningServices/workspaces/experiments/runs"


class RunAccess:
    def __init__(self, arm: Arm, roles: Roles, jobs: Jobs) -> None:
        self._arm = arm
        self._roles = roles
        self._jobs = jobs

    def run(self, request: Request, workspace: str, name: str, *, write: bool = False) -> Resource:
        """The job of that name, for who may see it (or log into it)."""
        job = self._arm.get(f"/{workspace}/jobs/{name}") if "/" not in name else None
        if job is not None and job.type == TYPE and self._is_its_container(request, job):
            return job
        self._check(request, f"/{workspace}", write=write)
        if job is None or job.type != TYPE:
            raise RunNotFound(name)
        return job

    def _is_its_container(self, request: Request, job: Resource) -> bool:
        """With the token that its container got: of this run alone, while the run lasts."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        record = self._jobs.record(job)
        digest = hashlib.sha256(token.strip().encode()).hexdigest()
        return (
            scheme.lower() == "bearer"
            and bool(record.token)
            and not record.over
            and hmac.compare_digest(digest, record.token)
        )

    def _check(self, request: Request, workspace: str, *, write: bool) -> None:
        principal = request.principal
        if principal is None or principal.audience not in _AUDIENCES:
            raise Unauthorized("The access token is missing, invalid, or of another audience.", code="UserError")
        asked = Asked(action=f"{_ACTION}/{'write' if write else 'read'}", request={}, resource={})
        if not self._roles.permits(asked, principal.object_id, workspace):
            raise Forbidden(
                f"The client '{principal.object_id}' does not have authorization to perform action '{asked.action}' "
                f"over scope '{workspace}'."
            )
