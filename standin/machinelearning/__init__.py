"""Azure Machine Learning: workspaces, datastores, the model registry and compute clusters, as azure-ai-ml uses them."""

from __future__ import annotations

from standin.blob import Accounts, Blobs
from standin.core.arm import Arm
from standin.core.auth import Roles
from standin.core.clock import Clock
from standin.core.part import Part
from standin.machinelearning.handlers import RegionHandlers
from standin.machinelearning.kinds.computes import Compute
from standin.machinelearning.kinds.datastores import Datastore
from standin.machinelearning.kinds.models import Model, ModelVersion
from standin.machinelearning.kinds.nodes import Nodes
from standin.machinelearning.kinds.workspaces import Workspace
from standin.machinelearning.routes import arm_routes
from standin.machinelearning.service import DiscoveryService

__all__ = ["Nodes", "part"]


def part(arm: Arm, blobs: Blobs, roles: Roles, nodes: Nodes, clock: Clock) -> Part:
    return Part(
        name="machinelearning",
        service=DiscoveryService(),
        kinds=(
            Workspace(arm, blobs, roles, clock),
            Datastore(Accounts(arm)),
            Model(arm),
            ModelVersion(arm),
            Compute(arm, nodes),
        ),
        arm_routes=arm_routes(RegionHandlers(nodes.quotas)),
        refused_hosts=(".azureml.ms",),
    )
