"""Azure Machine Learning: workspaces with their assets, compute clusters and jobs, as azure-ai-ml uses them."""

from __future__ import annotations

from standin.blob import Accounts, Blobs, Delegation
from standin.core.arm import Arm
from standin.core.auth import Roles
from standin.core.clock import Clock
from standin.core.part import Part
from standin.kubernetesconfiguration import Routers
from standin.machinelearning import history
from standin.machinelearning.handlers import RegionHandlers, UploadHandlers
from standin.machinelearning.jobs import Job, Jobs, Logged
from standin.machinelearning.kinds.attached import AttachedClusters
from standin.machinelearning.kinds.codes import Code, CodeVersion, Uploads
from standin.machinelearning.kinds.computes import Compute
from standin.machinelearning.kinds.data import Data, DataVersion
from standin.machinelearning.kinds.datastores import Datastore
from standin.machinelearning.kinds.environments import Environment, EnvironmentVersion
from standin.machinelearning.kinds.models import Model, ModelVersion
from standin.machinelearning.kinds.nodes import Nodes
from standin.machinelearning.kinds.workspaces import Workspace
from standin.machinelearning.routes import ROUTES, arm_routes
from standin.machinelearning.service import RegionService

__all__ = ["Nodes", "part"]


def part(
    arm: Arm,
    blobs: Blobs,
    delegation: Delegation,
    roles: Roles,
    nodes: Nodes,
    clock: Clock,
    *,
    routers: Routers,
    jobs: Jobs,
    logged: Logged,
) -> Part:
    job = Job(jobs)
    uploads = UploadHandlers(Uploads(arm, blobs, delegation))
    return Part(
        name="machinelearning",
        service=RegionService([*ROUTES, *history.routes(arm, roles, jobs, delegation, logged)], jobs),
        kinds=(
            Workspace(arm, blobs, roles, clock),
            Datastore(Accounts(arm)),
            Model(arm),
            ModelVersion(arm, jobs.output_of),
            Environment(arm),
            EnvironmentVersion(arm),
            Data(arm),
            DataVersion(arm),
            Code(arm),
            CodeVersion(arm),
            Compute(arm, nodes, AttachedClusters(arm, roles, routers)),
            job,
        ),
        arm_routes=(*arm_routes(RegionHandlers(nodes.quotas), uploads), *job.routes()),
        refused_hosts=(".azureml.ms",),
    )
