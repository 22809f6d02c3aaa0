"""Whether a machine may be: its description, what it refers to, and the cores that are left."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any

from standin.compute.errors import ChangeNotAllowed, InvalidParameter, InvalidSize, QuotaExceeded
from standin.compute.images import Image, image_of
from standin.compute.profiles import check_os_profile, wants_trusted_launch
from standin.core.arm import Arm, Resource
from standin.core.arm.errors import NotBuilt
from standin.core.arm.fields import object_at
from standin.cores import SIZES, Quota, Size, size_named
from standin.cores.quota import REGION_CORES
from standin.network.errors import InUseInterface
from standin.network.references import INTERFACES, References, id_of, objects

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9_])?")
# Azure changes these while a machine is deallocated: here it is made anew.
_UNBUILT_CHANGES = (
    "properties.networkProfile",
    "properties.storageProfile.osDisk.diskSizeGB",
    "properties.storageProfile.osDisk.managedDisk.storageAccountType",
)


class Admission:
    def __init__(self, arm: Arm, quota: Quota) -> None:
        self._references = References(arm)
        self._quota = quota

    def check(self, new: Resource, old: Resource | None) -> None:
        if not _NAME.fullmatch(new.name):
            raise InvalidParameter(
                f"The entity name 'vmName' is invalid according to its validation rule: {_NAME.pattern}", "vmName"
            )
        size = self._size(new)
        check_os_profile(object_at(new.body, "properties.osProfile"))
        _check_disk(new, old, image_of(_storage(new), trusted_launch=wants_trusted_launch(new)))
        self._check_interfaces(new)
        if old is not None:
            _check_changes(new, old)
        self._check_quota(new, size)

    def _size(self, machine: Resource) -> Size:
        named = object_at(machine.body, "properties.hardwareProfile").get("vmSize")
        size = size_named(named)
        if size is None:
            raise InvalidSize(named or "", [one.name for one in SIZES])
        return size

    def _check_interfaces(self, machine: Resource) -> None:
        named = objects(object_at(machine.body, "properties.networkProfile").get("networkInterfaces"))
        if not named:
            raise InvalidParameter(
                "Virtual Machine must have at least one network interface specified.", "networkProfile"
            )
        for one in named:
            interface = self._references.need({"id": id_of(one)}, INTERFACES, machine)
            user = self._references.machine_of(interface)
            if user is not None and user.lower() != machine.key:
                raise InUseInterface(interface.id, user)

    def _check_quota(self, machine: Resource, size: Size) -> None:
        """What it has already is its own to use again."""
        where, me = machine.location, machine.key
        for what, limit, used in (
            ("Total Regional Cores", REGION_CORES, self._quota.used(where, but=me)),
            (f"{size.family.key} Cores", size.family.cores, self._quota.used(where, size.family.key, but=me)),
        ):
            if used + size.cores > limit:
                raise QuotaExceeded(what, where, limit=limit, used=used, more=size.cores)


def _storage(machine: Resource) -> Mapping[str, Any]:
    return object_at(machine.body, "properties.storageProfile")


def _check_disk(new: Resource, old: Resource | None, image: Image) -> None:
    """What is not said of the disk is as it was, or as Azure would have it: its name is made up."""
    disk: dict[str, Any] = new.properties["storageProfile"].setdefault("osDisk", {"createOption": "FromImage"})
    before = object_at(_storage(old), "osDisk") if old is not None else {}
    managed: dict[str, Any] = disk.setdefault("managedDisk", {})
    managed.pop("id", None)
    managed.setdefault("storageAccountType", object_at(before, "managedDisk").get("storageAccountType", "Premium_LRS"))
    disk.setdefault("name", before.get("name") or f"{new.name}_OsDisk_1_{uuid.uuid4().hex}")
    size = disk.setdefault("diskSizeGB", before.get("diskSizeGB", image.disk_gb))
    if not isinstance(size, int) or size < image.disk_gb:
        raise InvalidParameter(
            f"The specified disk size {size} GB is smaller than the size of the corresponding disk in the VM image: "
            f"{image.disk_gb} GB. This is not allowed. Please choose equal or greater size or do not specify an "
            "explicit size.",
            "osDisk.diskSizeGB",
        )


def _check_changes(new: Resource, old: Resource) -> None:
    if "customData" in new.properties["osProfile"] and "customData" not in old.properties["osProfile"]:
        raise ChangeNotAllowed("customData")
    for path in _UNBUILT_CHANGES:
        place, _, name = path.rpartition(".")
        before, after = object_at(old.body, place).get(name), object_at(new.body, place).get(name)
        if after is not None and _ids(before) != _ids(after):
            raise NotBuilt(path, after, new.type, (before,))


def _ids(value: object) -> object:
    """Of a network profile only the interfaces: their options change in place."""
    if not isinstance(value, dict):
        return value
    return [id_of(one).lower() for one in objects(value.get("networkInterfaces"))]
