"""A hub that is not found for a moment, as azure-iot-hub sees it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
from azure.iot.hub import IoTHubRegistryManager  # type: ignore[import-untyped]
from msrest.exceptions import HttpOperationError

from standin.core.profile import FAST
from tests.standin.iothub.conftest import make_hub
from tests.standin.running import RunningStandin, running_standin

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcfromtimestamp:DeprecationWarning")


@pytest.fixture(scope="module")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStandin]:
    profile = replace(FAST, hub_absent_every=3)
    with running_standin(tmp_path_factory.mktemp("standin"), profile=profile, services=("iothub",)) as running:
        yield running


def test_a_new_hub_is_not_found_at_first_and_now_and_then_later(
    standin: RunningStandin, environment: Mapping[str, str]
) -> None:
    registry = IoTHubRegistryManager.from_connection_string(make_hub("flickers").connection_string())
    seen = []
    for _ in range(8):
        try:
            registry.get_devices()
            seen.append("found")
        except HttpOperationError as error:
            assert error.response is not None
            seen.append(f"{error.response.status_code} {error.response.headers['iothub-errorcode']}")
    new, later = "404 IotHubNotFound", "401 IotHubNotFound"
    assert seen == [new, new, "found", "found", later, "found", "found", later]
