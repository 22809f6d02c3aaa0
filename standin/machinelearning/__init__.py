"""Azure Machine Learning: workspaces with their assets and compute clusters, as azure-ai-ml uses them."""

from __future__ import annotations

from standin.blob import Accounts, Blobs, Delegation
from standin.core.arm import Arm
from standin.core.auth import Roles
from standin.core.clock import Clock
from standin.core.part import Part
from standin.machinelearning.handlers import RegionHandlers, UploadHandlers
from standin.machinelearning.kinds.codes import Code, CodeVersion, Uploads
from standin.machinelearning.kinds.computes import Compute
from standin.machinelearning.kinds.data import Data, DataVersion
from standin.machinelearning.kinds.datastores import Datastore
from standin.machinelearning.kinds.environments import Environment, EnvironmentVersion
from standin.machinelearning.kinds.models import Model, ModelVersion
from standin.machinelearning.kinds.nodes import Nodes
from standin.machinelearning.kinds.workspaces import Workspace
from standin.machinelearning.routes import arm_routes
from standin.machinelearning.service import DiscoveryService

__all__ = ["Nodes", "part"]


def part(arm: Arm, blobs: Blobs, delegation: Delegation, roles: Roles, nodes: Nodes, clock: Clock) -> Part:
    return Part(
        name="machinelearning",
        service=DiscoveryService(),
        kinds=(
            Workspace(arm, blobs, roles, clock),
            Datastore(Accounts(arm)),
            Model(arm),
            ModelVersion(arm),
            Environment(arm),
            EnvironmentVersion(arm),
            Data(arm),
            DataVersion(arm),
            Code(arm),
            CodeVersion(arm),
            Compute(arm, nodes),
        ),
        arm_routes=arm_routes(RegionHandlers(nodes.quotas), UploadHandlers(Uploads(arm, blobs, delegation))),
        refused_hosts=(".azureml.ms",),
    )
