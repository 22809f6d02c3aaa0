"""Networks: what they answer of what refers to them, and what is refused in which words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.standin.asking import Answering
from tests.standin.network.bodies import (
    NETWORK,
    SUBNET,
    address,
    asked,
    deleted,
    gateway,
    group,
    interface,
    made,
    network,
    path,
    refused,
    rule,
)

NET, NSG = path("virtualNetworks", "net"), path("networkSecurityGroups", "nsg")
PIP, NAT, NIC = path("publicIPAddresses", "pip"), path("natGateways", "nat"), path("networkInterfaces", "nic")
CONFIGURATION = f"{NIC}/ipConfigurations/ip"


@pytest.fixture
async def laid(answering: Answering) -> AsyncIterator[Answering]:
    """A network whose interface has a public address, and whose subnet has a group."""
    await made(answering, NSG, group())
    await made(answering, PIP, address())
    await made(answering, NET, network(networkSecurityGroup={"id": NSG}))
    await made(answering, NIC, interface(publicIPAddress={"id": PIP}))
    yield answering
    await deleted(answering, NIC, NET, PIP, NSG)


async def test_an_interface_gets_the_lowest_address_and_each_thing_answers_who_refers_to_it(laid: Answering) -> None:
    nic = (await asked(laid, "GET", NIC))[1]
    (configuration,) = nic["properties"]["ipConfigurations"]
    assert configuration["id"] == CONFIGURATION
    assert configuration["properties"]["privateIPAddress"] == "10.20.0.4"
    subnet = (await asked(laid, "GET", SUBNET))[1]
    assert subnet["properties"]["ipConfigurations"] == [{"id": CONFIGURATION}]
    (inside,) = (await asked(laid, "GET", NET))[1]["properties"]["subnets"]
    assert (inside["id"], inside["properties"]["defaultOutboundAccess"]) == (SUBNET, False)
    assert (await asked(laid, "GET", NSG))[1]["properties"]["subnets"] == [{"id": SUBNET}]
    assert (await asked(laid, "GET", PIP))[1]["properties"]["ipConfiguration"] == {"id": CONFIGURATION}
    listed = (await asked(laid, "GET", f"{NETWORK}/publicIPAddresses"))[1]["value"]
    assert PIP in [one["id"] for one in listed]


@pytest.mark.parametrize(
    ("where", "code", "words"),
    [
        (NSG, "InUseNetworkSecurityGroupCannotBeDeleted", f"in use by the following resources: {SUBNET}. In order"),
        (SUBNET, "InUseSubnetCannotBeDeleted", f"Subnet edge is in use by {CONFIGURATION} and cannot be deleted."),
        (NET, "InUseSubnetCannotBeDeleted", f"Subnet edge is in use by {CONFIGURATION}"),
        (PIP, "PublicIPAddressCannotBeDeleted", f"it is still allocated to resource {CONFIGURATION}."),
    ],
)
async def test_what_is_in_use_is_not_deleted(laid: Answering, where: str, code: str, words: str) -> None:
    told = await refused(laid, "DELETE", where)
    assert told[0] == code
    assert words in told[1]
    assert (await asked(laid, "GET", where))[0] == 200


async def test_a_gateway_stays_while_a_subnet_names_it_and_goes_after(answering: Answering) -> None:
    await made(answering, PIP, address())
    nat = await made(answering, NAT, gateway(PIP))
    assert nat["sku"] == {"name": "Standard", "tier": "Regional"}
    await made(answering, NET, network(natGateway={"id": NAT}))
    assert (await asked(answering, "GET", NAT))[1]["properties"]["subnets"] == [{"id": SUBNET}]
    told = await refused(answering, "DELETE", NAT)
    assert told[0] == "CannotDeleteNatGatewayAssociatedToSubnet"
    assert "is still configured on 1 subnets." in told[1]
    told = await refused(answering, "PUT", NIC, interface(publicIPAddress={"id": PIP}))
    assert (told[0], NAT in told[1]) == ("PublicIPAddressInUse", True)
    await deleted(answering, NET, NAT, PIP)


async def test_a_network_without_a_list_keeps_its_subnets_and_an_empty_list_takes_them(laid: Answering) -> None:
    body = network()
    told = await refused(laid, "PUT", NET, {**body, "properties": {**body["properties"], "subnets": []}})
    assert told[0] == "InUseSubnetCannotBeDeleted"
    without = {name: value for name, value in body["properties"].items() if name != "subnets"}
    kept = await made(laid, NET, {**body, "tags": {"a": "b"}, "properties": without})
    assert [one["name"] for one in kept["properties"]["subnets"]] == ["edge"]
    await deleted(laid, NIC)
    emptied = await made(laid, NET, {**body, "properties": {**without, "subnets": []}})
    assert emptied["properties"]["subnets"] == []
    assert (await asked(laid, "GET", SUBNET))[0] == 404


@pytest.mark.parametrize(
    ("where", "body", "code", "words"),
    [
        (NIC, interface(subnet={"id": f"{SUBNET}x"}), "InvalidResourceReference",
         f"Resource {SUBNET}x referenced by resource {NIC} was not found. Please make sure"),
        (NIC + "2", {**interface(), "location": "northeurope"}, "InvalidResourceReference",
         "both resources are in the same region."),
        (NIC, interface(privateIPAllocationMethod="Static", privateIPAddress="10.20.0.3"),
         "PrivateIPAddressNotInSubnet", "Private static IP address 10.20.0.3 does not belong to the range of subnet"),
        (NIC, interface(loadBalancerBackendAddressPools=[{"id": "x"}]), "NotSupportedByStandIn", "loadBalancer"),
        (NIC, {"location": "westeurope", "properties": {}}, "InvalidRequestFormat", "ipConfigurations of"),
        (SUBNET + "2", {"properties": {"addressPrefix": "10.21.0.0/28"}}, "NetcfgSubnetRangeOutsideVnet",
         "Subnet 'edge2' is not valid because its IP address range is outside"),
        (SUBNET + "2", {"properties": {"addressPrefix": "10.20.0.8/29"}}, "NetcfgSubnetRangesOverlap", "overlaps"),
        (SUBNET + "2", {"properties": {"addressPrefix": "10.20.0.9/29"}}, "InvalidAddressPrefixFormat", "10.20.0.9/29"),
        (SUBNET + "2", {"properties": {"addressPrefix": "10.20.0.64/28", "natGateway": {"id": f"{NAT}x"}}},
         "InvalidResourceReference", f"Resource {NAT}x referenced by resource {SUBNET}2"),
        (NET + "2", network(routeTable={"id": "x"}), "NotSupportedByStandIn", "subnets[*].properties.routeTable"),
        (PIP + "2", address(properties={"publicIPAllocationMethod": "Dynamic"}),
         "StandardSkuPublicIPAddressesMustBeStatic", "must have AllocationMethod set to Static."),
        (PIP + "2", address(sku={"name": "Basic"}), "IPv4BasicSkuPublicIpCountLimitReached", "Cannot create more than"),
        (PIP + "2", address(sku={"tier": "Global"}), "NotSupportedByStandIn", "sku.tier"),
        (NAT, gateway(PIP), "PublicIPAddressInUse", f"is already allocated to resource {CONFIGURATION}."),
        (NSG, group(rule("one", 100), rule("two", 100)), "SecurityRuleConflict", "two conflicts with rule one."),
        (NSG, group(rule("one", 99)), "SecurityRuleParameterPriorityOutOfRange", "priority is 99, allowed: 100 to"),
    ],
)  # fmt: skip
async def test_what_azure_refuses_is_refused(
    laid: Answering, where: str, body: dict[str, Any], code: str, words: str
) -> None:
    told = await refused(laid, "PUT", where, body)
    assert told[0] == code
    assert words in told[1]


async def test_two_interfaces_have_two_addresses_and_a_full_subnet_none(laid: Answering) -> None:
    others = [path("networkInterfaces", f"nic{index}") for index in range(10)]
    given = [(await made(laid, one, interface()))["properties"]["ipConfigurations"][0] for one in others]
    assert [one["properties"]["privateIPAddress"] for one in given] == [f"10.20.0.{last}" for last in range(5, 15)]
    told = await refused(laid, "PUT", f"{NIC}-more", interface())
    assert (told[0], "does not have enough capacity for 1 IP addresses" in told[1]) == ("SubnetIsFull", True)
    await deleted(laid, others[3])
    again = await made(laid, f"{NIC}-more", interface())
    assert again["properties"]["ipConfigurations"][0]["properties"]["privateIPAddress"] == "10.20.0.8"
    same = await made(laid, f"{NIC}-more", {**interface(), "tags": {"a": "b"}})
    assert same["properties"]["ipConfigurations"][0]["properties"]["privateIPAddress"] == "10.20.0.8"
    await deleted(laid, f"{NIC}-more", *[one for one in others if one != others[3]])


async def test_a_group_without_rules_lets_nothing_in(answering: Answering) -> None:
    nsg = await made(answering, NSG, group(rule("ssh", 100)))
    (own,) = nsg["properties"]["securityRules"]
    assert own["id"] == f"{NSG}/securityRules/ssh"
    inbound = [one for one in nsg["properties"]["defaultSecurityRules"] if one["properties"]["direction"] == "Inbound"]
    last = max(inbound, key=lambda one: int(one["properties"]["priority"]))
    assert (last["name"], last["properties"]["access"]) == ("DenyAllInBound", "Deny")
    await deleted(answering, NSG)
