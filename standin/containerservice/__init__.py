"""Azure Kubernetes Service, as far as Azure ML's way to endpoints on Kubernetes needs it: no Kubernetes runs here.

A cluster is its description, with the identities that others give rights to, and the cores that it takes of the quota.
What runs on it are containers of `standin.machinelearning.online`.
"""

from __future__ import annotations

from standin.containerservice.kinds import ManagedCluster
from standin.containerservice.quotas import Cores
from standin.core.arm import Arm
from standin.core.auth import Roles
from standin.core.part import Part
from standin.cores import Quota

__all__ = ["part"]


def part(arm: Arm, roles: Roles) -> Part:
    return Part(name="containerservice", kinds=(ManagedCluster(arm, roles, Cores(Quota(arm))),))
