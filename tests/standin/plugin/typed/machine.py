"""Arguments of azure-native's classes for a virtual machine and the network around it, one set per type."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from tests.standin.plugin.sample_ids import GROUP, IDENTITY, KEY

_NETWORK = f"{GROUP}/providers/Microsoft.Network"
_SUBNET = f"{_NETWORK}/virtualNetworks/vnet/subnets/edge"
_NSG = f"{_NETWORK}/networkSecurityGroups/nsg"
_PIP = f"{_NETWORK}/publicIPAddresses/pip"
_NIC = f"{_NETWORK}/networkInterfaces/nic"


def _security_group() -> Any:
    from pulumi_azure_native import network

    rule = network.SecurityRuleArgs(
        name="ssh",
        protocol="Tcp",
        access="Allow",
        direction="Inbound",
        priority=100,
        source_address_prefix="10.0.0.0/8",
        source_port_range="*",
        destination_address_prefix="*",
        destination_port_range="22",
    )
    return network.network_security_group.NetworkSecurityGroupInitArgs(
        resource_group_name="rg", network_security_group_name="nsg", location="westeurope", security_rules=[rule]
    )


def _virtual_network() -> Any:
    from pulumi_azure_native import network

    return network.virtual_network.VirtualNetworkInitArgs(
        resource_group_name="rg",
        virtual_network_name="vnet",
        location="westeurope",
        address_space=network.AddressSpaceArgs(address_prefixes=["10.20.0.0/24"]),
        subnets=[
            network.SubnetArgs(
                name="edge",
                address_prefix="10.20.0.0/27",
                default_outbound_access=False,
                network_security_group=network.NetworkSecurityGroupArgs(id=_NSG),
                nat_gateway=network.SubResourceArgs(id=f"{_NETWORK}/natGateways/nat"),
            )
        ],
    )


def _subnet() -> Any:
    from pulumi_azure_native import network

    return network.subnet.SubnetInitArgs(
        resource_group_name="rg",
        virtual_network_name="vnet",
        subnet_name="edge",
        name="edge",
        address_prefix="10.20.0.0/27",
        default_outbound_access=False,
    )


def _address() -> Any:
    from pulumi_azure_native import network

    return network.public_ip_address.PublicIPAddressInitArgs(
        resource_group_name="rg",
        public_ip_address_name="pip",
        location="westeurope",
        sku=network.PublicIPAddressSkuArgs(name="Standard", tier="Regional"),
        public_ip_allocation_method="Static",
        public_ip_address_version="IPv4",
    )


def _gateway() -> Any:
    from pulumi_azure_native import network

    return network.nat_gateway.NatGatewayInitArgs(
        resource_group_name="rg",
        nat_gateway_name="nat",
        location="westeurope",
        sku=network.NatGatewaySkuArgs(name="Standard"),
        public_ip_addresses=[network.SubResourceArgs(id=_PIP)],
    )


def _interface() -> Any:
    from pulumi_azure_native import network

    return network.NetworkInterfaceArgs(
        resource_group_name="rg",
        network_interface_name="nic",
        location="westeurope",
        network_security_group=network.NetworkSecurityGroupArgs(id=_NSG),
        ip_configurations=[
            network.NetworkInterfaceIPConfigurationArgs(
                name="ip",
                private_ip_allocation_method="Dynamic",
                subnet=network.SubnetArgs(id=_SUBNET),
                public_ip_address=network.PublicIPAddressArgs(id=_PIP),
            )
        ],
    )


def _machine() -> Any:
    from pulumi_azure_native import compute

    ssh = compute.SshConfigurationArgs(
        public_keys=[
            compute.SshPublicKeyArgs(path="/home/edgeway/.ssh/authorized_keys", key_data="ssh-ed25519 AAAA someone")
        ]
    )
    return compute.VirtualMachineArgs(
        resource_group_name="rg",
        vm_name="vm",
        location="westeurope",
        hardware_profile=compute.HardwareProfileArgs(vm_size="Standard_B2s_v2"),
        identity=compute.VirtualMachineIdentityArgs(
            type=compute.ResourceIdentityType.USER_ASSIGNED, user_assigned_identities=[IDENTITY]
        ),
        security_profile=compute.SecurityProfileArgs(
            security_type="TrustedLaunch",
            uefi_settings=compute.UefiSettingsArgs(secure_boot_enabled=True, v_tpm_enabled=True),
        ),
        os_profile=compute.OSProfileArgs(
            computer_name="edge-01",
            admin_username="edgeway",
            custom_data=base64.b64encode(b"#cloud-config\n").decode(),
            linux_configuration=compute.LinuxConfigurationArgs(
                disable_password_authentication=True, provision_vm_agent=True, ssh=ssh
            ),
        ),
        storage_profile=compute.StorageProfileArgs(
            image_reference=compute.ImageReferenceArgs(
                publisher="Canonical", offer="ubuntu-24_04-lts", sku="server", version="latest"
            ),
            os_disk=compute.OSDiskArgs(
                create_option="FromImage",
                delete_option="Delete",
                managed_disk=compute.ManagedDiskParametersArgs(storage_account_type="StandardSSD_LRS"),
            ),
        ),
        network_profile=compute.NetworkProfileArgs(
            network_interfaces=[compute.NetworkInterfaceReferenceArgs(id=_NIC, primary=True, delete_option="Detach")]
        ),
        diagnostics_profile=compute.DiagnosticsProfileArgs(boot_diagnostics=compute.BootDiagnosticsArgs(enabled=True)),
    )


def _run_command() -> Any:
    from pulumi_azure_native import compute

    return compute.VirtualMachineRunCommandByVirtualMachineArgs(
        resource_group_name="rg",
        vm_name="vm",
        run_command_name="ready",
        location="westeurope",
        source=compute.VirtualMachineRunCommandScriptSourceArgs(script="cloud-init status --wait"),
        parameters=[compute.RunCommandInputParameterArgs(name="unit", value="aziot-edged")],
        protected_parameters=[compute.RunCommandInputParameterArgs(name="key", value=KEY)],
        timeout_in_seconds=1800,
        treat_failure_as_deployment_failure=True,
    )


MACHINE: dict[tuple[str, str], Callable[[], Any]] = {
    ("network", "NetworkSecurityGroup"): _security_group,
    ("network", "VirtualNetwork"): _virtual_network,
    ("network", "Subnet"): _subnet,
    ("network", "PublicIPAddress"): _address,
    ("network", "NatGateway"): _gateway,
    ("network", "NetworkInterface"): _interface,
    ("compute", "VirtualMachine"): _machine,
    ("compute", "VirtualMachineRunCommandByVirtualMachine"): _run_command,
}
