"""Azure Storage: the account as an ARM resource, and the blob operations that its SDK and azure-ai-ml use."""

from __future__ import annotations

from standin.blob.accounts import Accounts, keys_of
from standin.blob.containers import ContainerHandlers
from standin.blob.handlers import BlobHandlers
from standin.blob.kinds import StorageAccount
from standin.blob.routes import operations, routes
from standin.blob.service import BlobService
from standin.blob.signatures import Access, Delegation
from standin.blob.state import Blob, Blobs
from standin.core.arm import Arm
from standin.core.auth import Roles
from standin.core.clock import Clock
from standin.core.part import Part

__all__ = ["Accounts", "Blob", "Blobs", "Delegation", "keys_of", "part"]


def part(arm: Arm, blobs: Blobs, roles: Roles, clock: Clock, delegation: Delegation) -> Part:
    containers = ContainerHandlers(Accounts(arm), blobs)
    table = operations(containers, BlobHandlers(containers, blobs))
    service = BlobService(routes(table, containers, Access(roles, clock, delegation)), blobs)
    return Part(name="blob", service=service, kinds=(StorageAccount(arm, blobs),))
