"""A hub that is not found for a moment is no hub without devices; one that ARM no longer lists is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from cloud.arm import Arm
from cloud.errors import ServiceError
from cloud.iot_hub import IotHub
from cloud.retrying import RetryLimits
from infra.provider.types.device_identity import DeviceIdentity
from infra.provider.types.edge_deployment import EdgeDeployment
from pluginbase.resource import Gone
from standin.core.profile import FAST
from standin.iothub.kernel.flicker import Flicker
from tests.infra.provider.conftest import HOST, HUB, make_hub
from tests.infra.provider.edge_deployments import deployment
from tests.infra.provider.recorder import Recorder, checked
from tests.standin.iothub.conftest import hubs_of
from tests.standin.running import RunningStandin

FOR_EVER = 1_000_000


@contextmanager
def absent(standin: RunningStandin, requests: int) -> Iterator[None]:
    """The next so many requests find no hub."""
    _flicker(standin, requests)
    yield
    _flicker(standin, 0)


def _flicker(standin: RunningStandin, requests: int) -> None:
    hub = standin.do(lambda _: hubs_of(standin).get(HOST))
    assert hub is not None
    hub.flicker = Flicker(hub.name, replace(FAST, hub_absent_at_first=requests, hub_absent_every=0))


def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = RetryLimits(transient_seconds=0.05, unauthorised_seconds=0.05)
    made = IotHub.__init__
    monkeypatch.setattr(IotHub, "__init__", lambda self, operation, host, _=None: made(self, operation, host, limits))


def test_a_flicker_is_not_taken_for_what_is_gone_nor_for_what_went_astray(
    hub_host: str, standin: RunningStandin
) -> None:
    resource, row = EdgeDeployment(), deployment(hub_host, "flickering")
    id, outputs = resource.create(Recorder(), row)
    with absent(standin, 2):
        assert resource.read(Recorder(), id, row, outputs)[1] == row
    with absent(standin, 2):
        assert resource.diff(Recorder(), id, row, row, outputs) == []
    with absent(standin, 2):
        resource.delete(Recorder(), id, row, outputs)
    assert [one.id for one in IotHub(Recorder(), hub_host).configurations()] == []


@pytest.mark.parametrize("operation", ["read", "delete"])
def test_a_hub_that_stays_away_but_is_listed_by_arm_is_an_error(
    hub_host: str, standin: RunningStandin, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    resource = DeviceIdentity()
    inputs = checked(resource, {"hubHost": hub_host, "deviceId": f"away-{operation}", "tags": {}})
    id, outputs = resource.create(Recorder(), inputs)
    _impatient(monkeypatch)
    with absent(standin, FOR_EVER), pytest.raises(ServiceError, match="404 IotHubNotFound"):
        getattr(resource, operation)(Recorder(), id, inputs, outputs)


def test_what_was_in_a_hub_that_arm_does_not_list_is_gone(
    hub_host: str, azure_environment: RunningStandin, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = DeviceIdentity()
    inputs = checked(resource, {"hubHost": hub_host, "deviceId": "lost", "tags": {}})
    id, outputs = resource.create(Recorder(), inputs)
    Arm(Recorder()).follow(Arm(Recorder()).request("DELETE", HUB, "2023-06-30"), "delete")
    monkeypatch.setattr("cloud.there._SURE_SECONDS", 0.05)
    with pytest.raises(Gone, match=f"there is no IoT hub {HOST} in the subscription"):
        resource.read(Recorder(), id, inputs, outputs)
    make_hub(Arm(Recorder()))
