"""Online endpoints, managed and on Kubernetes. Each of these lines stands on those below it:

service, control
door, endpoints, deployments    where requests arrive; the resources
running/                        instances of deployments, and how one run follows another
clusters                        what is asked of the Kubernetes cluster that a compute is
grants, hosts                   rights of a system-assigned identity; which endpoint answers at a host
description, sizes              a deployment's body, typed; virtual machines and their quota
errors
names, traffic                  shares, pure
"""

from __future__ import annotations

from standin.blob import Blobs
from standin.containerregistry import Registries
from standin.containers.docker_host import DockerHost
from standin.core.arm import Arm
from standin.core.auth import Roles
from standin.core.clock import Clock
from standin.core.part import Part
from standin.core.store import Store
from standin.kubernetesconfiguration import Routers
from standin.machinelearning.clusters.quotas import Quotas
from standin.machinelearning.image_pulls import ImagePulls
from standin.machinelearning.online.clusters import Clusters
from standin.machinelearning.online.deployments import OnlineDeployment
from standin.machinelearning.online.door import Door
from standin.machinelearning.online.endpoints import OnlineEndpoint
from standin.machinelearning.online.grants import Grants
from standin.machinelearning.online.hosts import Hosts
from standin.machinelearning.online.running.artifacts import Artifacts
from standin.machinelearning.online.running.images import DeploymentImages
from standin.machinelearning.online.running.keeper import Keeper
from standin.machinelearning.online.running.replicas import Replicas
from standin.machinelearning.online.running.rollout import Rollout
from standin.machinelearning.online.running.upstream import Upstream
from standin.machinelearning.online.service import ScoringService

__all__ = ["part"]


def part(
    arm: Arm,
    blobs: Blobs,
    registries: Registries,
    quotas: Quotas,
    *,
    store: Store,
    clock: Clock,
    roles: Roles,
    docker: DockerHost,
    routers: Routers,
) -> Part:
    hosts, clusters = Hosts(arm), Clusters(arm, routers)
    upstream = Upstream()
    replicas = Replicas(docker, store, clock, arm, upstream)
    rollout = Rollout(
        arm,
        store,
        images=DeploymentImages(ImagePulls(docker, registries)),
        artifacts=Artifacts(arm, blobs, roles),
        replicas=replicas,
    )
    return Part(
        name="machinelearning.online",
        service=ScoringService(
            Door(arm, hosts, clusters, replicas=replicas, upstream=upstream),
            hosts,
            replicas,
            Keeper(rollout),
            routers.hosts,
        ),
        kinds=(
            OnlineEndpoint(arm, hosts, Grants(arm, roles), rollout, clusters),
            OnlineDeployment(arm, quotas, rollout, clusters),
        ),
    )
