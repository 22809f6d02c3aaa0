"""Azure Storage: the account as an ARM resource, and the blob operations that its SDK and azure-ai-ml use."""

from __future__ import annotations

from standin.blob.handlers import BlobHandlers
from standin.blob.kinds import StorageAccount
from standin.blob.routes import BlobService
from standin.blob.state import Blobs
from standin.core.arm import ResourceKind
from standin.core.http import Service
from standin.core.world import World

__all__ = ["Blobs", "build", "kinds"]


def build(world: World) -> Service:
    blobs = Blobs(world)
    return BlobService(BlobHandlers(world, blobs), blobs)


def kinds(world: World) -> list[ResourceKind]:
    return [StorageAccount(Blobs(world))]
