"""Devices come and go with their identities; on a Docker engine in memory, and without deployments."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote_plus

import pytest

from standin.core.errors import NotFound, Unauthorized
from standin.edgeruntime import DeviceFactory, Fleet, HostedDevices, Links
from standin.edgeruntime.hub.domain.identities.tokens import sign
from standin.foundation import lay_foundation
from tests.ports import free_port_base
from tests.standin.containers.fake_docker import FakeDocker, docker_host
from tests.standin.edgeruntime.fake_hub import FakeHub, FakeHubs
from tests.waiting import eventually

DEVICE = "edge-01"


class FleetSite:
    """One life of a fleet after another, on the same state."""

    def __init__(self, root: Path) -> None:
        self.base = lay_foundation(root, port_base=free_port_base())
        self.hub = FakeHub()
        self.docker = docker_host(FakeDocker())
        self.docker.bridge_address = "172.17.0.1"
        self.fleet = self._fleet()

    async def restart(self) -> None:
        await self.fleet.stop()
        self.fleet = self._fleet()
        await self.fleet.start()

    @property
    def folder(self) -> Path:
        return self.base.state / "edge" / DEVICE

    def _fleet(self) -> Fleet:
        base, hubs = self.base, FakeHubs(self.hub)
        links = Links(hubs, base.faults)
        factory = DeviceFactory(
            links,
            docker=self.docker,
            store=base.store,
            clock=base.clock,
            authority=base.authority,
            faults=base.faults,
            cloud_port=base.ports.tls,
            folder=base.state / "edge",
        )
        return Fleet(hubs, factory, self.docker, base.faults)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[FleetSite]:
    made = FleetSite(tmp_path / "standin")
    yield made
    await made.fleet.stop()
    await made.docker.close()


async def test_a_device_lives_while_its_identity_does(site: FleetSite) -> None:
    await site.fleet.start()
    assert site.fleet.describe() == []
    site.hub.add_device(DEVICE)
    assert await site.fleet.inventory() == [f"{site.hub.host}/{DEVICE}"]
    assert site.fleet.device(site.hub.host.upper(), DEVICE).names.slug == DEVICE
    site.folder.mkdir(parents=True)
    site.hub.remove_device(DEVICE)
    await eventually(lambda: not site.fleet.describe() and not site.fleet.busy)
    assert not site.folder.exists()
    with pytest.raises(NotFound, match=f"There is no edge device h/{DEVICE}; there are: none."):
        site.fleet.device("h", DEVICE)


async def test_a_device_keeps_its_names_and_power_over_a_restart(site: FleetSite) -> None:
    await site.fleet.start()
    site.hub.add_device(DEVICE)
    names = site.fleet.device(site.hub.host, DEVICE).names
    await site.fleet.device(site.hub.host, DEVICE).power(False)
    await site.restart()
    again = site.fleet.device(site.hub.host, DEVICE)
    assert (again.names, again.powered) == (names, False)


async def test_what_is_left_of_a_device_that_went_meanwhile_is_cleared_away(site: FleetSite) -> None:
    await site.fleet.start()
    site.hub.add_device(DEVICE)
    site.folder.mkdir(parents=True)
    await site.fleet.stop()
    site.hub.remove_device(DEVICE)
    await site.restart()
    await eventually(lambda: not site.folder.exists())
    await eventually(lambda: site.base.store.list("edge.device") == [])


async def test_without_an_engine_there_are_no_devices(site: FleetSite) -> None:
    site.docker.bridge_address = None
    site.hub.add_device(DEVICE)
    await site.fleet.start()
    assert site.fleet.describe() == []


class HostedSite(FleetSite):
    """Its device has a machine of its own, as its tags say."""

    def add(self) -> None:
        self.hub.add_device(DEVICE)
        self.hub.twins[DEVICE, None].tags["edgewayHost"] = "vm"

    @property
    def token(self) -> str:
        key = self.hub.identities[DEVICE, None].primary_key
        resource = quote_plus(f"{self.hub.host}/devices/{DEVICE}")
        signature = quote_plus(sign(key, f"{resource}\n1".encode()))
        return f"SharedAccessSignature sr={resource}&sig={signature}&se=1"

    @property
    def power(self) -> str:
        return str(self.fleet.describe()[0]["power"])


@pytest.fixture
async def hosted(tmp_path: Path) -> AsyncIterator[HostedSite]:
    made = HostedSite(tmp_path / "standin")
    await made.fleet.start()
    made.add()
    yield made
    await made.fleet.stop()
    await made.docker.close()


async def test_a_device_with_a_machine_is_off_until_its_daemon_shows_a_token_of_the_devices(hosted: HostedSite) -> None:
    devices = HostedDevices(hosted.fleet)
    assert hosted.power == "off"
    with pytest.raises(Unauthorized):
        await devices.power_on(hosted.hub.host, DEVICE, "SharedAccessSignature sr=x&sig=y&se=1")
    with pytest.raises(NotFound):
        await devices.power_on(hosted.hub.host, "edge-02", hosted.token)
    assert hosted.power == "off"
    await devices.power_on(hosted.hub.host, DEVICE, hosted.token)
    assert hosted.power == "on"
    assert [module.name for module in await devices.modules(hosted.hub.host, DEVICE)] == ["edgeAgent"]


async def test_it_is_off_again_with_its_machine_and_as_it_was_in_the_next_life(hosted: HostedSite) -> None:
    devices = HostedDevices(hosted.fleet)
    await devices.power_on(hosted.hub.host, DEVICE, hosted.token)
    await hosted.restart()
    assert hosted.power == "on"
    await HostedDevices(hosted.fleet).power_off(hosted.hub.host, DEVICE, orderly=False)
    assert hosted.power == "off"
    await hosted.restart()
    assert hosted.power == "off"
    assert await HostedDevices(hosted.fleet).modules(hosted.hub.host, DEVICE) == []


async def test_a_device_that_is_gone_is_off(hosted: HostedSite) -> None:
    devices = HostedDevices(hosted.fleet)
    await devices.power_off(hosted.hub.host, "edge-02", orderly=True)
    assert await devices.modules(hosted.hub.host, "edge-02") == []
