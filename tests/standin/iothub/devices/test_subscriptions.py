"""What a device is told of changes to its twins and identities."""

from __future__ import annotations

import pytest

from standin.iothub import Hub
from standin.iothub.registry.identity import MANAGED_BY
from tests.standin.iothub.conftest import Bench
from tests.standin.iothub.rest import Rest


@pytest.fixture
async def rest(bench: Bench) -> Rest:
    rest = Rest(bench)
    await rest.call("PUT", "/devices/d", {"capabilities": {"iotEdge": True}})
    return rest


async def test_a_subscriber_hears_desired_changes_with_the_whole_twin(rest: Rest, hub: Hub) -> None:
    subscription = hub.subscribe("d")
    await rest.call("PATCH", "/twins/d", {"tags": {"silent": 1}})
    await rest.call("PATCH", "/twins/d/modules/$edgeHub", {"properties": {"desired": {"a": 1}}})
    event = await subscription.get()
    assert event[0] == "desired"
    assert event[1] == "$edgeHub"
    assert event[2].desired == {"a": 1, "$version": 2}


async def test_a_subscriber_hears_of_identities(rest: Rest, hub: Hub) -> None:
    subscription = hub.subscribe("d")
    hub.ensure_module("d", "m", MANAGED_BY)
    assert await subscription.get() == ("identity",)
    hub.remove_module("d", "m")
    assert await subscription.get() == ("identity",)
    hub.remove_module("d", "m")
    subscription.close()
    assert [event async for event in subscription] == []
