"""A hub in the test's own loop, and a whole stand-in in a thread for unmodified clients."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from standin.core.auth import SUBSCRIPTION_ID
from standin.core.profile import FAST, Profile
from standin.foundation import Foundation, lay_foundation
from standin.iothub import Hub, Hubs
from standin.iothub.kernel.hub_record import HubRecord, new_policies
from standin.iothub.service import IotHubService
from tests.standin.running import RunningStandin, running_standin

HUB = "hub-one"
HOST = f"{HUB}.azure-devices.net"
RESOURCE = f"/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/rg/providers/Microsoft.Devices/IotHubs/{HUB}"


def record(name: str = HUB, **changes: Any) -> HubRecord:
    values: dict[str, Any] = {
        "name": name,
        "resource_id": RESOURCE,
        "host": f"{name}.azure-devices.net",
        "namespace": f"iothub-ns-{name}.servicebus.windows.net",
        "partitions": 2,
        "retention_days": 1,
        "configurations_limit": 100,
        "created": "2026-01-02T03:04:05.000000Z",
        "policies": new_policies(),
    }
    return HubRecord(**(values | changes))


@dataclass
class Bench:
    """A foundation with one hub; `restart` is what a kill -9 leaves: the files, and nothing that was in memory."""

    state: Path
    profile: Profile
    base: Foundation
    hubs: Hubs

    @property
    def hub(self) -> Hub:
        found = self.hubs.get(HOST)
        assert found is not None
        return found

    def restart(self) -> None:
        for hub in self.hubs.all():
            hub.log.close()
        self.base.store.close()
        self.base = lay_foundation(self.state, profile=self.profile, port_base=1)
        self.hubs = _hubs(self.base)
        self.hubs.start()


def _hubs(base: Foundation) -> Hubs:
    return Hubs(base.store, base.clock, base.profile, base.state / "iothub")


def steady(profile: Profile) -> Profile:
    """With hubs that are found at each request, for clients that ask once."""
    return replace(profile, hub_absent_at_first=0, hub_absent_every=0)


async def bench_of(state: Path, profile: Profile = FAST) -> Bench:
    profile = steady(profile)
    base = lay_foundation(state, profile=profile, port_base=1)
    bench = Bench(state, profile, base, _hubs(base))
    bench.hubs.put(record())
    return bench


async def close(bench: Bench) -> None:
    await bench.hubs.stop()
    await bench.base.close()


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    made = await bench_of(tmp_path)
    yield made
    await close(made)


@pytest.fixture
def hub(bench: Bench) -> Hub:
    return bench.hub


@pytest.fixture(scope="module")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStandin]:
    with running_standin(tmp_path_factory.mktemp("standin"), profile=steady(FAST), services=("iothub",)) as running:
        yield running


@pytest.fixture
def environment(standin: RunningStandin, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    for name in ("https_proxy", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in standin.environment.items():
        monkeypatch.setenv(name, value)
    return standin.environment


@dataclass(frozen=True)
class AzureHub:
    """A hub that azure-mgmt-iothub made."""

    name: str
    host: str
    endpoint: str
    path: str
    keys: Mapping[str, str]

    def connection_string(self, policy: str = "iothubowner", key: str | None = None) -> str:
        return f"HostName={self.host};SharedAccessKeyName={policy};SharedAccessKey={key or self.keys[policy]}"

    def event_hub_string(self, policy: str = "service", key: str | None = None) -> str:
        secret = key or self.keys[policy]
        return f"Endpoint={self.endpoint};SharedAccessKeyName={policy};SharedAccessKey={secret};EntityPath={self.path}"


def hubs_of(standin: RunningStandin) -> Hubs:
    """The hubs of a running stand-in; they belong to its thread: reach them through `do`."""
    return next(part.service.hubs for part in standin.parts if isinstance(part.service, IotHubService))


def make_hub(name: str, *, partitions: int = 2) -> AzureHub:
    """Through ARM, as a program does; needs the `environment`."""
    from azure.identity import DefaultAzureCredential
    from azure.mgmt.iothub import IotHubClient
    from azure.mgmt.resource.resources import ResourceManagementClient

    with (
        DefaultAzureCredential() as credential,
        ResourceManagementClient(credential, SUBSCRIPTION_ID) as resources,
        IotHubClient(credential, SUBSCRIPTION_ID) as client,
    ):
        resources.resource_groups.create_or_update("rg", {"location": "westeurope"})
        events = {"partitionCount": partitions, "retentionTimeInDays": 1}
        body = {
            "location": "westeurope",
            "sku": {"name": "S1", "capacity": 1},
            "properties": {"eventHubEndpoints": {"events": events}},
        }
        made = client.iot_hub_resource.begin_create_or_update("rg", name, body).result()
        keys = {rule.key_name: rule.primary_key for rule in client.iot_hub_resource.list_keys("rg", name)}
        built_in = made.properties.event_hub_endpoints["events"]
        return AzureHub(name, made.properties.host_name, built_in.endpoint, built_in.path, keys)
