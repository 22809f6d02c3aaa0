"""One hub of the stand-in for the tests of a module, without Docker; each test has a deployment of its own in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cloud.arm import Arm
from cloud.iot_hub import IotHub
from cloud.sessions import forget_sessions
from tests.engine.fleet import Fleets, WatchedHub
from tests.infra.provider.conftest import HOST, make_hub
from tests.infra.provider.recorder import Recorder
from tests.standin.running import running_standin

SERVICES = ("iothub", "keyvault")
PROXIES = ("https_proxy", "http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy")


@pytest.fixture(scope="module")
def fleets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleets]:
    with fleets_in(tmp_path_factory.mktemp("fleets")) as made:
        yield made


@contextmanager
def fleets_in(folder: Path) -> Iterator[Fleets]:
    with running_standin(folder / "standin", services=SERVICES) as standin, pytest.MonkeyPatch.context() as patch:
        for name in PROXIES:
            patch.delenv(name, raising=False)
        for name, value in standin.environment.items():
            patch.setenv(name, value)
        forget_sessions()
        make_hub(Arm(Recorder()))
        hub = IotHub(Recorder(), HOST)
        hub.create_device("never-reports", edge=True)
        hub.patch_tags("never-reports", {"model": "a"})
        yield Fleets(folder, WatchedHub(standin), standin)
        forget_sessions()
