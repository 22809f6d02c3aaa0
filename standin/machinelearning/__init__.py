"""Azure Machine Learning: workspaces, datastores and the model registry, as azure-ai-ml uses them."""

from __future__ import annotations

from standin.blob import Accounts, Blobs
from standin.core.arm import Arm
from standin.core.auth import Roles
from standin.core.clock import Clock
from standin.core.part import Part
from standin.machinelearning.kinds.datastores import Datastore
from standin.machinelearning.kinds.models import Model, ModelVersion
from standin.machinelearning.kinds.workspaces import Workspace
from standin.machinelearning.service import DiscoveryService

__all__ = ["part"]


def part(arm: Arm, blobs: Blobs, roles: Roles, clock: Clock) -> Part:
    return Part(
        name="machinelearning",
        service=DiscoveryService(),
        kinds=(Workspace(arm, blobs, roles, clock), Datastore(Accounts(arm)), Model(arm), ModelVersion(arm)),
        refused_hosts=(".azureml.ms",),
    )
