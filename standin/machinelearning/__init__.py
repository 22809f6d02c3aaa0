"""Azure Machine Learning: workspaces, datastores and the model registry, as azure-ai-ml uses them."""

from __future__ import annotations

from standin.blob import Blobs
from standin.core.arm import ResourceKind
from standin.core.http import Service
from standin.core.world import World
from standin.machinelearning.datastores import Datastore
from standin.machinelearning.models import Model, ModelVersion
from standin.machinelearning.routes import DiscoveryService
from standin.machinelearning.workspaces import Workspace

__all__ = ["build", "kinds"]


def build(world: World) -> Service:
    return DiscoveryService()


def kinds(world: World) -> list[ResourceKind]:
    return [Workspace(Blobs(world)), Datastore(), Model(), ModelVersion()]
