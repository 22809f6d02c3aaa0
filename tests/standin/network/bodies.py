"""A network with a subnet, a group, an address, a gateway and an interface, as the program of a VM sends them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from standin.core.arm.paths import merge
from tests.standin.asking import GROUP, Answering, of_arm

NETWORK = f"{GROUP}/providers/Microsoft.Network"
SUBNET = f"{NETWORK}/virtualNetworks/net/subnets/edge"
PLACE: dict[str, Any] = {"location": "westeurope"}


def path(kind: str, name: str) -> str:
    return f"{NETWORK}/{kind}/{name}"


def group(*rules: dict[str, Any]) -> dict[str, Any]:
    return {**PLACE, "properties": {"securityRules": list(rules)}}


def rule(name: str, priority: int, **more: Any) -> dict[str, Any]:
    says = {"protocol": "Tcp", "access": "Allow", "direction": "Inbound", "priority": priority, "sourcePortRange": "*",
            "destinationPortRange": "22", "sourceAddressPrefix": "*", "destinationAddressPrefix": "*"}  # fmt: skip
    return {"name": name, "properties": {**says, **more}}


def network(**of_subnet: Any) -> dict[str, Any]:
    subnet = {"name": "edge", "properties": {"addressPrefix": "10.20.0.0/28", "defaultOutboundAccess": False}}
    return {
        **PLACE,
        "properties": {
            "addressSpace": {"addressPrefixes": ["10.20.0.0/24"]},
            "subnets": [merge(subnet, {"properties": of_subnet})],
        },
    }


def address(**more: Any) -> dict[str, Any]:
    body = {**PLACE, "sku": {"name": "Standard"}, "properties": {"publicIPAllocationMethod": "Static"}}
    made: dict[str, Any] = merge(body, more)
    return made


def gateway(*addresses: str) -> dict[str, Any]:
    named = [{"id": one} for one in addresses]
    return {**PLACE, "sku": {"name": "Standard"}, "properties": {"publicIpAddresses": named}}


def interface(**of_configuration: Any) -> dict[str, Any]:
    says = {"privateIPAllocationMethod": "Dynamic", "subnet": {"id": SUBNET}, **of_configuration}
    return {**PLACE, "properties": {"ipConfigurations": [{"name": "ip", "properties": says}]}}


async def asked(answering: Answering, method: str, where: str, body: object = None) -> tuple[int, dict[str, Any]]:
    status, text, _ = await answering.answered(of_arm(method, where), body=body)
    return status, json.loads(text) if text else {}


async def made(answering: Answering, where: str, body: object) -> dict[str, Any]:
    """As it is once its operation is over."""
    status, answer = await asked(answering, "PUT", where, body)
    assert status < 300, answer
    return await settled(answering, where)


async def settled(answering: Answering, where: str) -> dict[str, Any]:
    """Succeeded or not."""
    for _ in range(1000):
        answer = (await asked(answering, "GET", where))[1]
        if answer["properties"].get("provisioningState") not in ("Creating", "Updating"):
            return answer
        await asyncio.sleep(0.001)
    raise AssertionError(answer)


async def deleted(answering: Answering, *paths: str) -> None:
    for where in paths:
        status, answer = await asked(answering, "DELETE", where)
        assert status < 300, answer
        for _ in range(1000):
            if (await asked(answering, "GET", where))[0] == 404:
                break
            await asyncio.sleep(0.001)


async def refused(answering: Answering, method: str, where: str, body: object = None) -> tuple[str, str]:
    """Code and words."""
    _, answer = await asked(answering, method, where, body)
    assert "error" in answer, answer
    return answer["error"]["code"], answer["error"]["message"]
