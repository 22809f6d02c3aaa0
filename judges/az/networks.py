"""Networks around a virtual machine, and what a region has of machines. None boots here: that needs minutes."""

from __future__ import annotations

from collections.abc import Sequence

from judges.az.operation import Operation, ok, refused, unbuilt


def networks(group: str, region: str) -> Sequence[Operation]:
    here, place = f"-g {group}", f"-g {group} -l {region}"
    return (
        ok(f"network nsg create {place} -n nsg-az", NewNSG__provisioningState="Succeeded"),
        unbuilt(
            f"network nsg rule create {here} --nsg-name nsg-az -n ssh --priority 100 --destination-port-ranges 22",
            "R-network",
        ),
        ok(
            f"network vnet create {place} -n vnet-az --address-prefixes 10.20.0.0/24 --subnet-name edge "
            "--subnet-prefixes 10.20.0.0/27 --nsg nsg-az",
            newVNet__subnets__0__addressPrefix="10.20.0.0/27",
        ),
        ok(f"network vnet subnet list {here} --vnet-name vnet-az", n=1, _0__name="edge"),
        ok(f"network public-ip create {place} -n pip-az --sku Standard", publicIp__publicIPAllocationMethod="Static"),
        ok(
            f"network nic create {place} -n nic-az --vnet-name vnet-az --subnet edge --public-ip-address pip-az",
            NewNIC__ipConfigurations__0__privateIPAddress="10.20.0.4",
        ),
        ok(f"network nic list {here}", n=1),
        refused(f"network nsg delete {here} -n nsg-az", "InUseNetworkSecurityGroupCannotBeDeleted"),
        refused(f"network vnet delete {here} -n vnet-az", "InUseSubnetCannotBeDeleted"),
        refused(f"network public-ip delete {here} -n pip-az", "PublicIPAddressCannotBeDeleted"),
        ok(f"network nic delete {here} -n nic-az"),
        ok(f"network public-ip create {place} -n pip-nat --sku Standard"),
        ok(f"network nat gateway create {place} -n nat-az --public-ip-addresses pip-nat", sku__name="Standard"),
        ok(f"network vnet subnet update {here} --vnet-name vnet-az -n edge --nat-gateway nat-az", name="edge"),
        refused(f"network nat gateway delete {here} -n nat-az", "CannotDeleteNatGatewayAssociatedToSubnet"),
        ok(f"network vnet delete {here} -n vnet-az"),
        ok(f"network nat gateway delete {here} -n nat-az"),
        ok(f"network public-ip delete {here} -n pip-az"),
        ok(f"network public-ip delete {here} -n pip-nat"),
        ok(f"network nsg delete {here} -n nsg-az"),
        ok(f"vm list-skus -l {region} --query \"[?name=='Standard_B2s_v2']\"", n=1, _0__family="standardBsv2Family"),
        ok(f"vm list-usage -l {region} --query \"[?name.value=='cores']\"", n=1, _0__limit="20"),
        ok(f"vm list {here}", n=0),
        refused(f"vm show {here} -n vm-none", "ResourceNotFound"),
    )
