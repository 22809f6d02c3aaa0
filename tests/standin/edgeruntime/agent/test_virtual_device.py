"""A whole device on a real Docker engine: modules on unmodified azure-iot-device, a hub in a container, all faults."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docker
import pytest

from standin.containers import engine, http_client
from tests.standin.edgeruntime.agent.virtual_device import (
    MODULE_IMAGE,
    DeviceSite,
    advance_until,
    build_module_image,
    device_site,
    module,
)
from tests.standin.edgeruntime.test_links import ask
from tests.waiting import DEADLINE_S, eventually

if TYPE_CHECKING:
    from docker import DockerClient

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def module_image() -> Iterator[None]:
    client = docker.from_env()
    build_module_image(client)
    yield
    client.images.remove(MODULE_IMAGE, force=True)
    client.close()


@pytest.fixture
async def site(tmp_path: Path, module_image: None) -> AsyncIterator[DeviceSite]:
    async with device_site(tmp_path) as made:
        yield made


@pytest.mark.long  # the hub's own part: tests/standin/edgeruntime/hub/test_survival.py
async def test_messages_pass_in_order_through_kills_cuts_and_a_replaced_module(site: DeviceSite) -> None:
    count = 600
    sensor = module(env={"ROLE": "sensor", "COUNT": count, "PERIOD": 0.05})
    site.deploy(sensor=sensor, scorer=module(env={"ROLE": "scorer", "TAG": "one"}))
    await site.settled("edgeHub", "sensor", "scorer")
    await eventually(lambda: len(site.numbers()) > 50)

    await site.kill("edgeHub")
    await eventually(lambda: site.status_of("edgeHub") == "backoff")
    await advance_until(site, lambda: site.status_of("edgeHub") == "running", step_s=5, within_s=DEADLINE_S)

    held = len(site.numbers())
    await eventually(lambda: len(site.numbers()) > held)
    site.base.faults.cut(site.device)
    await eventually(lambda: not site.links.connected(site.hub.host, site.device))
    held = len(site.numbers())
    sensor_id = await site.id_of("sensor")
    site.deploy(sensor=sensor, scorer=module(env={"ROLE": "scorer", "TAG": "two"}))
    site.base.faults.restore(site.device)
    await eventually(lambda: len(site.numbers()) > held)
    await site.settled("edgeHub", "sensor", "scorer")

    await eventually(lambda: len(set(site.numbers())) == count)
    # at least once, as edgeHub: what the killed hub had sent and not yet marked as sent goes up again
    assert list(dict.fromkeys(site.numbers())) == list(range(count))
    assert await site.id_of("sensor") == sensor_id, "an unchanged module was not touched"
    assert b'"by": "two"' in site.hub.bodies()[-1]


async def test_a_restarted_stand_in_finds_its_devices_and_touches_nothing(site: DeviceSite) -> None:
    site.deploy(sensor=module(env={"ROLE": "sensor", "COUNT": 0}))
    await site.settled("edgeHub", "sensor")
    before = [await site.id_of(name) for name in ("edgeHub", "sensor")]
    started = site.reported["modules"]["sensor"]["lastStartTimeUtc"]
    await site.stop()
    await site.start()
    await eventually(lambda: site.links.connected(site.hub.host, site.device))
    await eventually(lambda: site.hub.online.get((site.device, "sensor")), what="the hub tells again who is connected")
    assert [await site.id_of(name) for name in ("edgeHub", "sensor")] == before
    await site.settled("edgeHub", "sensor")
    assert site.reported["modules"]["sensor"]["lastStartTimeUtc"] == started


async def test_a_module_that_ends_is_started_again_after_its_backoff(site: DeviceSite) -> None:
    settings = {"image": MODULE_IMAGE, "createOptions": '{"Cmd":["python","-c","raise SystemExit(3)"]}'}
    site.deploy(quits=module(settings=settings), once=module(settings=settings, restartPolicy="never"))
    await site.settled("quits", status="backoff")
    assert site.status_of("once") == "failed"
    assert site.reported["modules"]["quits"]["exitCode"] == 3
    assert site.reported["modules"]["quits"]["restartCount"] == 0
    site.base.clock.advance(9)
    assert site.reported["modules"]["quits"]["restartCount"] == 0
    site.base.clock.advance(2)
    await eventually(lambda: site.reported["modules"]["quits"]["restartCount"] == 1)
    await site.settled("quits", status="backoff")
    await advance_until(site, lambda: site.reported["modules"]["quits"]["restartCount"] == 20, step_s=300, within_s=240)
    await eventually(lambda: site.status_of("quits") == "failed")


async def test_what_the_deployment_says_is_done_and_reported(site: DeviceSite) -> None:
    await eventually(lambda: site.reported.get("lastDesiredStatus", {}).get("code") == 417)
    sensor = module(env={"ROLE": "sensor"})
    site.deploy(sensor=sensor)
    await site.settled("edgeHub", "sensor")
    assert site.reported["lastDesiredStatus"]["code"] == 200
    site.deploy(sensor={**sensor, "status": "stopped"})
    await site.settled("sensor", status="stopped")
    site.deploy(sensor=sensor, other={**module("127.0.0.1:1/none@sha256:" + "0" * 64), "imagePullPolicy": "on-create"})
    await site.settled("sensor")
    await eventually(lambda: site.reported["lastDesiredStatus"]["code"] == 500)
    assert "127.0.0.1:1" in site.reported["modules"]["other"]["statusDescription"]
    assert site.hub.identity(site.device, "other")
    site.hub.desire(site.device, "$edgeAgent", {"schemaVersion": "9.0"})
    await eventually(lambda: site.reported["lastDesiredStatus"]["code"] == 412)
    assert site.status_of("sensor") == "running"
    site.deploy()
    await eventually(lambda: site.reported["modules"] == {})
    assert site.hub.identity(site.device, "sensor") is None
    await site.settled("edgeHub")


async def test_a_published_port_is_at_the_devices_address_and_modules_find_each_other_by_name(site: DeviceSite) -> None:
    serves = {"Cmd": ["python", "-m", "http.server", "5001"]}
    bound = {"HostConfig": {"PortBindings": {"5001/tcp": [{"HostIp": "127.0.0.1", "HostPort": "5001"}]}}}
    web = module(settings={"image": MODULE_IMAGE, "createOptions": json.dumps({**serves, **bound})})
    site.deploy(web=web, sensor=module(env={"ROLE": "sensor"}))
    await site.settled("edgeHub", "web", "sensor")
    address = site.fleet.device(site.hub.host, site.device).names.address
    assert address.startswith("127.") and address != "127.0.0.1"
    asks = "from urllib.request import urlopen; urlopen('http://web:5001/', timeout=10)"
    async with asyncio.timeout(DEADLINE_S):
        while await engine.execute(site.base.docker, site.container("sensor"), ["python", "-c", asks]) != 0:
            assert site.status_of("web") == "running"
    assert (await http_client.get(address, 5001)).status == 200


async def test_the_power_of_a_device_can_be_cut_and_come_back(site: DeviceSite) -> None:
    site.deploy(sensor=module(env={"ROLE": "sensor", "COUNT": 0}))
    await site.settled("edgeHub", "sensor")
    await eventually(lambda: site.hub.online.get((site.device, "sensor")))
    device = site.fleet.device(site.hub.host, site.device)
    await device.power(False)
    await eventually(lambda: not site.hub.online[site.device, "sensor"])
    assert site.status_of("sensor") == "running", "nobody is left to say otherwise"
    await device.power(True)
    await eventually(lambda: site.hub.online[site.device, "sensor"])
    await device.power(False, orderly=True)
    assert site.reported["lastDesiredStatus"]["code"] == 406
    assert site.status_of("sensor") == "unknown"


async def test_a_device_that_is_deleted_leaves_nothing(site: DeviceSite) -> None:
    site.deploy(sensor=module(env={"ROLE": "sensor"}))
    await site.settled("edgeHub", "sensor")
    folder = site.fleet.device(site.hub.host, site.device).names.folder
    site.hub.remove_device(site.device)
    await eventually(lambda: not site.fleet.describe() and not site.fleet.busy)

    def things(client: DockerClient) -> list[object]:
        label: dict[str, str | list[str] | bool] = {"label": f"edgeway.standin={site.base.docker.instance}"}
        return [*client.containers.list(all=True, filters=label), *client.networks.list(filters=label),
                *client.volumes.list(filters=label)]  # fmt: skip

    assert await site.docker(things) == []
    assert not folder.exists()


async def test_the_control_surface_shows_and_switches_a_device(site: DeviceSite) -> None:
    site.deploy()
    await site.settled("edgeHub")
    url = f"http://127.0.0.1:{site.base.ports.plain}/_standin/devices/{site.hub.host}/{site.device}"
    token = site.base.issuer.control_token()
    await eventually(lambda: site.links.connected(site.hub.host, site.device))
    status, shown = await asyncio.to_thread(ask, "GET", url)
    assert (status, shown["power"], shown["upstream"], shown["connected"]) == (200, "on", "on", True)
    status, shown = await asyncio.to_thread(ask, "POST", f"{url}/cut", {"upstream": "cut"}, token)
    assert (status, shown["upstream"]) == (200, "cut")
    await eventually(lambda: not site.links.connected(site.hub.host, site.device))
    await asyncio.to_thread(ask, "POST", f"{url}/cut", {"upstream": "on"}, token)
    status, shown = await asyncio.to_thread(ask, "POST", f"{url}/power", {"power": "off"}, token)
    assert (status, shown["power"]) == (200, "off")
    status, refused = await asyncio.to_thread(ask, "POST", f"{url}/power", {"power": "half"}, token)
    assert (status, refused["error"]["message"]) == (400, "power is 'half'; allowed: 'on', 'off'")


async def test_the_agent_answers_its_direct_methods(site: DeviceSite) -> None:
    site.deploy(sensor=module(env={"ROLE": "sensor", "COUNT": 0}))
    await site.settled("edgeHub", "sensor")

    async def invoke(name: str, payload: object) -> tuple[int, Any]:
        return await asyncio.wait_for(site.hub.invoke(site.device, "$edgeAgent", name, payload).answer, DEADLINE_S)

    assert await invoke("ping", None) == (200, None)
    logs = {"schemaVersion": "1.1", "items": [{"id": "^SENS", "filter": {"tail": 5, "since": "1h"}}]}
    await eventually(lambda: site.hub.online.get((site.device, "sensor")))
    status, answer = await invoke("GetModuleLogs", {**logs, "contentType": "text"})
    assert (status, len(answer)) == (200, 1)
    assert answer[0]["id"] == "sensor" and "connected" in answer[0]["payload"]
    _, (parts,) = await invoke("getmodulelogs", logs)
    assert {entry["stream"] for entry in json.loads(parts["payload"])} <= {"stdout", "stderr"}
    assert await invoke("GetModuleLogs", {**logs, "items": [{"id": "nobody"}]}) == (200, [])
    assert (await invoke("GetModuleLogs", {}))[0] == 400
    assert (await invoke("GetModuleLogs", {**logs, "schemaVersion": "2.0"}))[0] == 500
    assert (await invoke("RestartModule", {"schemaVersion": "1.1", "id": "nobody"}))[0] == 500
    status, refused = await invoke("UploadModuleLogs", logs)
    assert status == 400 and "ping, RestartModule, GetModuleLogs" in refused["message"]
    started = site.reported["modules"]["sensor"]["lastStartTimeUtc"]
    assert await invoke("RestartModule", {"schemaVersion": "1.1", "id": "sensor"}) == (200, None)
    await eventually(lambda: site.reported["modules"]["sensor"]["lastStartTimeUtc"] != started)
