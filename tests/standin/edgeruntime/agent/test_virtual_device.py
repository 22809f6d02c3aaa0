"""A whole device on a real Docker engine: modules on unmodified azure-iot-device, a hub in a container, all faults."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.standin.edgeruntime.agent.virtual_device import DeviceSite, advance_until, device_site, module
from tests.standin.edgeruntime.waiting import eventually

pytestmark = pytest.mark.docker


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[DeviceSite]:
    async with device_site(tmp_path) as made:
        yield made


async def test_messages_pass_in_order_through_kills_cuts_and_a_replaced_module(site: DeviceSite) -> None:
    count = 600
    sensor = module(env={"ROLE": "sensor", "COUNT": count, "PERIOD": 0.05})
    site.deploy(sensor=sensor, scorer=module(env={"ROLE": "scorer", "TAG": "one"}))
    await site.settled("edgeHub", "sensor", "scorer")
    await eventually(lambda: len(site.numbers()) > 50, within_s=30)

    await site.kill("edgeHub")
    await eventually(lambda: site.status_of("edgeHub") == "backoff", within_s=10)
    await advance_until(site, lambda: site.status_of("edgeHub") == "running", step_s=5, within_s=30)

    held = len(site.numbers())
    await eventually(lambda: len(site.numbers()) > held, within_s=30)
    site.world.faults.cut(site.device)
    await eventually(lambda: not site.runtime.links.connected(site.hub.host, site.device))
    held = len(site.numbers())
    sensor_id = await site.id_of("sensor")
    site.deploy(sensor=sensor, scorer=module(env={"ROLE": "scorer", "TAG": "two"}))
    site.world.faults.restore(site.device)
    await eventually(lambda: len(site.numbers()) > held, within_s=40)
    await site.settled("edgeHub", "sensor", "scorer")

    await eventually(lambda: len(set(site.numbers())) == count, within_s=60)
    assert site.numbers() == list(range(count))
    assert await site.id_of("sensor") == sensor_id, "an unchanged module was not touched"
    assert b'"by": "two"' in site.hub.bodies()[-1]
