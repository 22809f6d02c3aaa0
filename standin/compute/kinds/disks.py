"""Disks of systems, which machines bring: none is made by itself here.

https://learn.microsoft.com/azure/virtual-machines/managed-disks-overview
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from standin.compute.errors import DiskInUse
from standin.core.arm import Arm, Resource, ResourceKind
from standin.core.arm.errors import NotBuilt

DISKS = "Microsoft.Compute/disks"


class Disk(ResourceKind):
    type = DISKS
    system_data = False
    empty_tags = False
    patchable = ("tags",)
    keeps = ("sku", "properties.diskSizeGB", "properties.creationData", "properties.osType")

    async def check(self, new: Resource, old: Resource | None) -> None:
        if old is None or new.body.get("sku") != old.body.get("sku") or _said(new) != _said(old):
            raise NotBuilt("properties.creationData", _said(new).get("creationData"), self.type, ())

    def view(self, resource: Resource) -> dict[str, Any]:
        attached = {"managedBy": resource.private["machine"]} if resource.private.get("machine") else {}
        state = "Attached" if attached else "Unattached"
        return {**resource.body, **attached, "properties": {**resource.properties, "diskState": state}}

    async def check_delete(self, resource: Resource, query: Mapping[str, str]) -> None:
        if machine := resource.private.get("machine"):
            raise DiskInUse(resource.name, machine)


def attach(arm: Arm, machine: Resource, name: str, *, sku: str, size_gb: int, image: str) -> str:
    """The id of the machine's disk, made where it is not there yet."""
    where = machine.id.rpartition("/providers/")[0]
    disk = arm.get(f"{where}/providers/{DISKS}/{name}") or Resource(
        id=f"{where}/providers/{DISKS}/{name}",
        type=DISKS,
        name=name,
        body={
            "location": machine.location,
            "sku": {"name": sku, "tier": sku.partition("_")[0]},
            "properties": {
                "osType": "Linux",
                "diskSizeGB": size_gb,
                "diskSizeBytes": size_gb * 2**30,
                "creationData": {"createOption": "FromImage", "imageReference": {"id": image}},
                "uniqueId": str(uuid.uuid4()),
                "timeCreated": machine.created_at,
                "provisioningState": "Succeeded",
            },
        },
        created_at=machine.created_at,
        changed_at=machine.created_at,
        generation=1,
    )
    disk.private["machine"] = machine.id
    arm.save(disk)
    return disk.id


def detach(arm: Arm, disk_id: str, *, delete: bool) -> None:
    disk = arm.get(disk_id)
    if disk is None:
        return
    if delete:
        arm.forget(disk)
        return
    disk.private.pop("machine", None)
    arm.save(disk)


def _said(disk: Resource) -> dict[str, Any]:
    return {name: disk.properties.get(name) for name in ("diskSizeGB", "creationData", "osType")}
