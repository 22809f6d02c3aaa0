"""A virtual machine that becomes an IoT Edge device without a person, and what it needs for that.

Its identity may read one secret of the vault, which is the device's key; its user data says how, and has no secret.
That right is there before the machine, whose first minutes are then short. It is replaced by whatever Azure changes in
no machine; the device in the hub, its key and the secret stay.
https://learn.microsoft.com/azure/virtual-machines/trusted-launch
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import compute, managedidentity, network

from edge.machine.cloud_init import MOST_BYTES, cloud_init
from edge.machine.files import Machine, VaultSecret, machine_files
from edge.machine.pins import IMAGES
from edge.machine.surroundings import Surroundings
from infra.components.access import Access, AccessArgs, Grant, Role
from infra.components.devices.edge_device import EdgeDevice
from infra.components.foundation import Foundation
from infra.components.machines.network import PUBLIC_IP, MachineNetwork, public_address
from infra.components.site import Site
from infra.components.vault import Vault
from infra.settings.machines.hosts import VmHost

_ADMIN = "edgeway"
_READY_SECONDS = 1800
"""For packages, the key and the first start of the runtime: half an hour, when Azure is slow to honour the role."""
# What Azure changes in no machine: https://learn.microsoft.com/rest/api/compute/virtual-machines/create-or-update
_CREATE_ONLY = (
    "location",
    "networkProfile",
    "osProfile",
    "securityProfile.securityType",
    "storageProfile",
    "zones",
)


@dataclass(frozen=True, kw_only=True)
class MachineNames:
    identity: str
    machine: str
    interface: str
    address: str
    vault: str
    secret: str
    """Of the device's key, in the vault."""


@dataclass(frozen=True, kw_only=True)
class EdgeMachineArgs:
    site: Site
    host: VmHost
    gpu: bool
    device: EdgeDevice
    device_id: str
    hub_host: pulumi.Input[str]
    vault: Vault
    foundation: Foundation
    named: MachineNames
    network: MachineNetwork
    surroundings: Surroundings
    made_by: str


class EdgeMachine(pulumi.ComponentResource):
    """`ready` is a resource that succeeds when the machine's daemons run."""

    def __init__(self, name: str, args: EdgeMachineArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("edgeway:infra:EdgeMachine", name, None, opts)
        self._args = args
        self.vault_name, self.secret_name = args.named.vault, args.named.secret
        identity = args.foundation.identity(f"machine-{name}", args.named.identity)
        access = self._access(name, identity)
        self.machine = self._machine(name, identity, self._interface(name), access)
        self.id: pulumi.Output[str] = self.machine.id
        self.ready = self._ready(name)
        self.register_outputs({"id": self.id})

    def _access(self, name: str, identity: managedidentity.UserAssignedIdentity) -> Access:
        """At the one secret, which the device's identity has put there. The machine itself tries until it is let."""
        secret = pulumi.Output.concat(self._args.vault.vault.id, "/secrets/", self._args.named.secret)
        return Access(
            f"{name}-machine",
            AccessArgs(
                subscription_id=self._args.site.subscription_id,
                principal_id=identity.principal_id,
                principal_type="ServicePrincipal",
                grants=[Grant(name="key", role=Role.KEY_VAULT_SECRETS_USER, scope=secret)],
                settle_seconds=0,
                after=[self._args.device.identity],
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _interface(self, name: str) -> network.NetworkInterface:
        args, site = self._args, self._args.site
        address = None
        if args.host.outbound == PUBLIC_IP:
            address = public_address(name, args.named.address, site, pulumi.ResourceOptions(parent=self))
        return network.NetworkInterface(
            name,
            network_interface_name=args.named.interface,
            resource_group_name=site.resource_group_name,
            location=site.location,
            tags=site.tags,
            ip_configurations=[
                network.NetworkInterfaceIPConfigurationArgs(
                    name="first",
                    primary=True,
                    private_ip_allocation_method="Dynamic",
                    subnet=network.SubnetArgs(id=args.network.subnet_id(args.host.outbound)),
                    public_ip_address=network.PublicIPAddressArgs(id=address.id) if address else None,
                )
            ],
            # Azure removes none that a machine has: the new one is there first, then the machine is made anew
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=False, replace_on_changes=["location"]),
        )

    def _machine(
        self,
        name: str,
        identity: managedidentity.UserAssignedIdentity,
        interface: network.NetworkInterface,
        access: Access,
    ) -> compute.VirtualMachine:
        args = self._args
        return compute.VirtualMachine(
            name,
            vm_name=args.named.machine,
            resource_group_name=args.site.resource_group_name,
            location=args.site.location,
            tags=args.site.tags,
            hardware_profile=compute.HardwareProfileArgs(vm_size=args.host.size),
            identity=compute.VirtualMachineIdentityArgs(
                type=compute.ResourceIdentityType.USER_ASSIGNED, user_assigned_identities=[identity.id]
            ),
            security_profile=compute.SecurityProfileArgs(
                security_type="TrustedLaunch",
                uefi_settings=compute.UefiSettingsArgs(secure_boot_enabled=True, v_tpm_enabled=True),
            ),
            os_profile=self._os_profile(identity),
            storage_profile=_storage(args.host),
            network_profile=_attached(interface),
            # no storage account is named, so Azure keeps the serial log in one of its own, without a key
            diagnostics_profile=compute.DiagnosticsProfileArgs(
                boot_diagnostics=compute.BootDiagnosticsArgs(enabled=True)
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[access.ready],
                delete_before_replace=True,
                replace_on_changes=list(_CREATE_ONLY),
                custom_timeouts=pulumi.CustomTimeouts(create="30m", update="30m", delete="30m"),
            ),
        )

    def _os_profile(self, identity: managedidentity.UserAssignedIdentity) -> compute.OSProfileArgs:
        args = self._args
        key = compute.SshPublicKeyArgs(path=f"/home/{_ADMIN}/.ssh/authorized_keys", key_data=args.host.ssh_public_key)
        patches = compute.LinuxPatchSettingsArgs(
            patch_mode="AutomaticByPlatform",
            assessment_mode="AutomaticByPlatform",
            automatic_by_platform_settings=compute.LinuxVMGuestPatchAutomaticByPlatformSettingsArgs(
                reboot_setting="IfRequired"
            ),
        )
        return compute.OSProfileArgs(
            computer_name=args.device_id,
            admin_username=_ADMIN,
            custom_data=pulumi.Output.all(args.hub_host, identity.client_id).apply(self._custom_data),
            linux_configuration=compute.LinuxConfigurationArgs(
                disable_password_authentication=True,
                provision_vm_agent=True,
                ssh=compute.SshConfigurationArgs(public_keys=[key]),
                patch_settings=patches,
            ),
        )

    def _custom_data(self, known: list[str]) -> str:
        args, (hub_host, client_id) = self._args, known
        machine = Machine(
            hub_host=hub_host,
            device_id=args.device_id,
            key=VaultSecret(vault=args.named.vault, secret=args.named.secret, client_id=client_id),
            made_by=args.made_by,
            ubuntu=args.host.ubuntu,
            gpu=args.gpu,
            elevated=args.host.elevated,
            surroundings=args.surroundings,
        )
        text = cloud_init(machine_files(machine)).encode()
        if len(text) > MOST_BYTES:
            raise ValueError(f"the user data of {args.device_id} has {len(text)} bytes; Azure takes {MOST_BYTES}")
        return base64.b64encode(text).decode()

    def _ready(self, name: str) -> compute.VirtualMachineRunCommandByVirtualMachine:
        """Azure says that a machine is there before it has booted. A machine that was mended later keeps cloud-init's
        error, so the daemons count."""
        args = self._args
        return compute.VirtualMachineRunCommandByVirtualMachine(
            name,
            run_command_name="edgeway-ready",
            vm_name=self.machine.name,
            resource_group_name=args.site.resource_group_name,
            location=args.site.location,
            tags=args.site.tags,
            source=compute.VirtualMachineRunCommandScriptSourceArgs(script=_READY_GPU if args.gpu else _READY),
            # of another machine of the same name: then it runs again
            parameters=[compute.RunCommandInputParameterArgs(name="VM", value=self.machine.vm_id)],
            timeout_in_seconds=_READY_SECONDS,
            treat_failure_as_deployment_failure=True,
            opts=pulumi.ResourceOptions(
                parent=self,
                deleted_with=self.machine,
                custom_timeouts=pulumi.CustomTimeouts(create="40m", update="40m"),
            ),
        )


def _attached(interface: network.NetworkInterface) -> compute.NetworkProfileArgs:
    """It stays when the machine goes: a replaced one takes it over, and a destroy deletes it as what it is."""
    reference = compute.NetworkInterfaceReferenceArgs(id=interface.id, primary=True, delete_option="Detach")
    return compute.NetworkProfileArgs(network_interfaces=[reference])


def _storage(host: VmHost) -> compute.StorageProfileArgs:
    offer, sku, version = IMAGES[host.ubuntu]
    return compute.StorageProfileArgs(
        image_reference=compute.ImageReferenceArgs(publisher="Canonical", offer=offer, sku=sku, version=version),
        os_disk=compute.OSDiskArgs(
            create_option="FromImage",
            delete_option="Delete",
            disk_size_gb=host.disk_gb,
            managed_disk=compute.ManagedDiskParametersArgs(storage_account_type="StandardSSD_LRS"),
        ),
    )


_READY = """\
cloud-init status --wait >/dev/null 2>&1
tries=0
until systemctl is-active -q aziot-edged; do
  tries=$((tries + 1))
  [ "$tries" -lt 300 ] || { journalctl -u edgeway-provision -o cat -n 3 --no-pager; exit 1; }
  sleep 5
done
"""
_READY_GPU = f"{_READY}nvidia-smi -L\n"
