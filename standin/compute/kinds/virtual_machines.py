"""https://learn.microsoft.com/rest/api/compute/virtual-machines

A machine is `Succeeded` once it has started, long before cloud-init is through: so is Azure's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from standin.compute.actions import MachineActions
from standin.compute.admission import Admission
from standin.compute.errors import ChangeNotAllowed
from standin.compute.images import exact_version, image_id, known
from standin.compute.kinds.disks import DISKS, attach, detach
from standin.compute.state import VirtualMachines, disk_name, vm_id
from standin.core.arm import ActionHandler, Arm, Resource, ResourceKind
from standin.core.arm.errors import InvalidQueryParameter
from standin.core.arm.fields import object_at
from standin.core.arm.lists import flag
from standin.core.arm.paths import merge
from standin.core.obeys import Obeys, obeys
from standin.network.references import id_of, objects

_OS, _STORAGE = "properties.osProfile.", "properties.storageProfile."
_EXPANDED = ("instanceView", "userData")


class VirtualMachine(ResourceKind):
    type = "Microsoft.Compute/virtualMachines"
    always_long = True
    system_data = False
    empty_tags = False
    create_only = (
        *(f"{_OS}{name}" for name in ("adminUsername", "computerName", "customData")),
        f"{_OS}linuxConfiguration.ssh.publicKeys",
        f"{_OS}linuxConfiguration.disablePasswordAuthentication",
        *(f"{_STORAGE}imageReference.{name}" for name in ("publisher", "offer", "sku", "version")),
        f"{_STORAGE}osDisk.createOption",
        f"{_STORAGE}osDisk.name",
        "properties.securityProfile.securityType",
        "zones",
    )
    write_only = (f"{_OS}customData", f"{_OS}adminPassword", "properties.userData")
    keeps = (
        "identity",
        "zones",
        *(
            f"properties.{name}"
            for name in (
                "diagnosticsProfile", "hardwareProfile", "networkProfile", "osProfile", "securityProfile",
                "storageProfile",
            )
        ),
    )  # fmt: skip
    built: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "properties.diagnosticsProfile.bootDiagnostics.storageUri": (),
        "properties.hardwareProfile.vmSizeProperties": (),
        "properties.networkProfile.networkInterfaceConfigurations": (),
        "properties.osProfile.adminPassword": (),
        "properties.osProfile.linuxConfiguration.provisionVMAgent": (True,),
        "properties.osProfile.windowsConfiguration": (),
        "properties.priority": ("Regular",),
        "properties.securityProfile.encryptionAtHost": (False,),
        "properties.securityProfile.securityType": ("TrustedLaunch", "Standard"),
        "properties.storageProfile.dataDisks": ([],),
        "properties.storageProfile.imageReference.id": (),
        "properties.storageProfile.osDisk.createOption": ("FromImage", "fromImage"),
        "properties.storageProfile.osDisk.diffDiskSettings": (),
        "properties.storageProfile.osDisk.encryptionSettings": (),
        "properties.storageProfile.osDisk.managedDisk.diskEncryptionSet": (),
        "properties.storageProfile.osDisk.osType": ("Linux",),
        "properties.storageProfile.osDisk.vhd": (),
    }
    options: ClassVar[Mapping[str, Obeys]] = {
        "GET": obeys(query="$expand"),
        "DELETE": obeys(query="forceDeletion"),
        "powerOff": obeys(query="skipShutdown"),
        "retrieveBootDiagnosticsData": obeys(query="sasUriExpirationTimeInMinutes"),
        "runCommand": obeys(fields={"commandId": None, "script": None, "parameters": {"name": None, "value": None}}),
    }
    actions_have_status = True
    long_actions = ("deallocate", "powerOff", "restart", "runCommand", "start")

    def __init__(self, arm: Arm, machines: VirtualMachines, admission: Admission, actions: MachineActions) -> None:
        self._arm = arm
        self._machines = machines
        self._admission = admission
        self.actions: Mapping[str, ActionHandler] = actions.by_name()

    async def check(self, new: Resource, old: Resource | None) -> None:
        if old is None:
            self._machines.begin(new)
        else:
            _keep_unsaid(new, old)
        self._admission.check(new, old)

    async def apply(self, resource: Resource, old: Resource | None) -> None:
        storage = resource.properties["storageProfile"]
        disk = storage["osDisk"]
        attach(
            self._arm,
            resource,
            disk_name(resource),
            sku=disk["managedDisk"]["storageAccountType"],
            size_gb=disk["diskSizeGB"],
            image=image_id(storage["imageReference"], resource.location),
        )
        await self._machines.make(resource, restart=old is not None and _size(old) != _size(resource))

    async def check_delete(self, resource: Resource, query: Mapping[str, str]) -> None:
        if query.get("forceDeletion", "none") != "none":
            flag(query, "forceDeletion")

    async def remove(self, resource: Resource) -> None:
        """With what its body says goes with it; the rest stays, and costs."""
        await self._machines.delete(resource)
        disk = object_at(resource.body, "properties.storageProfile.osDisk")
        detach(self._arm, _disk_id(resource), delete=disk.get("deleteOption") == "Delete")
        for one in objects(object_at(resource.body, "properties.networkProfile").get("networkInterfaces")):
            interface = self._arm.get(id_of(one))
            if interface is not None and (one.get("properties") or {}).get("deleteOption") == "Delete":
                self._arm.forget(interface)

    def view(self, resource: Resource) -> dict[str, Any]:
        if "vmId" not in resource.private:
            return resource.body
        properties = resource.properties
        storage, os_profile = properties["storageProfile"], properties["osProfile"]
        return {
            **resource.body,
            "properties": {
                **properties,
                "vmId": vm_id(resource),
                "timeCreated": resource.created_at,
                "storageProfile": _shown_storage(resource, storage),
                "osProfile": {
                    "secrets": [], "allowExtensionOperations": True, "requireGuestProvisionSignal": True, **os_profile,
                },
            },
        }  # fmt: skip

    async def more(self, resource: Resource, query: Mapping[str, str]) -> Mapping[str, Any]:
        asked = query.get("$expand", "instanceView,userData" if "$expand" in query else "")
        if asked and asked not in _EXPANDED:
            raise InvalidQueryParameter("$expand", asked, ", ".join(_EXPANDED))
        return {"instanceView": await self._machines.view(resource)} if asked == "instanceView" else {}

    def refuse_change(self, path: str, old: object, new: object, resource: Resource) -> ChangeNotAllowed:
        """Azure leaves the profile out of the name, and tells an image as a whole."""
        name = path.removeprefix(_OS).removeprefix(_STORAGE).removeprefix("properties.")
        return ChangeNotAllowed("imageReference" if name.startswith("imageReference.") else name)


def _keep_unsaid(new: Resource, old: Resource) -> None:
    """What a PUT leaves out stays, and what is never answered cannot be sent back."""
    for name in ("osProfile", "storageProfile", "networkProfile", "hardwareProfile", "securityProfile"):
        if name in old.properties:
            new.properties[name] = merge(old.properties[name], new.properties.get(name, {}))


def _size(machine: Resource) -> object:
    return object_at(machine.body, "properties.hardwareProfile").get("vmSize")


def _disk_id(machine: Resource) -> str:
    return f"{machine.id.rpartition('/providers/')[0]}/providers/{DISKS}/{disk_name(machine)}"


def _shown_storage(machine: Resource, storage: Mapping[str, Any]) -> dict[str, Any]:
    reference, disk = storage["imageReference"], storage["osDisk"]
    image = known(reference)
    return {
        "diskControllerType": "SCSI",
        **storage,
        "dataDisks": [],
        "imageReference": {**reference, **({"exactVersion": exact_version(reference, image)} if image else {})},
        "osDisk": {
            "osType": "Linux",
            "caching": "None",
            "deleteOption": "Detach",
            **disk,
            "managedDisk": {**disk["managedDisk"], "id": _disk_id(machine)},
        },
    }
