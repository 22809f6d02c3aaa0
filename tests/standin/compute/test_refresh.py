"""What a refresh finds of a machine and its network once all of it is there: by azure-native's own inputs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from standin.core.auth import SUBSCRIPTION_ID
from standin.plugin import mapping
from standin.plugin.drift import drifted
from standin.plugin.kinds import BY_TOKEN
from tests.standin.asking import Answering
from tests.standin.compute.machines import fake_machines
from tests.standin.network.bodies import asked, deleted, made
from tests.standin.plugin.sample_ids import IDENTITY, SUBSCRIPTION
from tests.standin.plugin.typed import arguments

pytestmark = pytest.mark.slow  # azure-native's classes take seconds to import

ORDER = (
    "network:NetworkSecurityGroup", "network:PublicIPAddress", "network:NatGateway", "network:VirtualNetwork",
    "network:NetworkInterface", "compute:VirtualMachine", "compute:VirtualMachineRunCommandByVirtualMachine",
)  # fmt: skip


def inputs(token: str) -> dict[str, Any]:
    """The samples, in this stand-in's subscription; one address has one user."""
    given = json.loads(json.dumps(arguments()[token]).replace(SUBSCRIPTION, SUBSCRIPTION_ID))
    if token == "network:NetworkInterface":
        given["ipConfigurations"][0].pop("publicIPAddress")
    found: dict[str, Any] = given
    return found


def found_of(token: str, answer: dict[str, Any]) -> dict[str, Any]:
    return mapping.inputs_of(token, mapping.outputs(token, answer))


async def test_a_refresh_finds_nothing_but_what_azure_keeps_in_inputs_of_its_own(answering: Answering) -> None:
    fake_machines(answering.parts)
    await made(answering, IDENTITY.replace(SUBSCRIPTION, SUBSCRIPTION_ID), {"location": "westeurope"})
    paths = {token: BY_TOKEN[token].id(SUBSCRIPTION_ID, inputs(token)) for token in ORDER}
    before = {}
    for token in ORDER:
        body = mapping.body(token, inputs(token), BY_TOKEN[token].params)
        before[token] = found_of(token, await made(answering, paths[token], body))
    changed: dict[str, Any] = {}
    for token in ORDER:
        now = found_of(token, (await asked(answering, "GET", paths[token]))[1])
        after = drifted(inputs(token), before[token], now)
        changed |= {f"{token} {name}": value for name, value in after.items() if value != inputs(token).get(name)}
    (subnet,) = changed.pop("network:VirtualNetwork subnets")
    assert subnet.pop("etag").startswith('W/"')
    assert [subnet] == inputs("network:VirtualNetwork")["subnets"]
    assert changed == {"network:PublicIPAddress natGateway": {"id": paths["network:NatGateway"]}}
    left = [token for token in reversed(ORDER) if token != "network:VirtualNetwork"]
    await deleted(answering, *(paths[token] for token in left[:3]), paths["network:VirtualNetwork"])
    await deleted(answering, *(paths[token] for token in left[3:]))
