"""The agent's direct methods through Microsoft's SDK: a hub of the stand-in, and an agent without Docker."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cli.azure import iot_hub
from cloud.errors import ServiceError
from cloud.iot_hub import IotHub
from standin.edgeruntime.agent import methods
from standin.edgeruntime.agent.device_names import DeviceNames
from standin.edgeruntime.agent.plan import Observed
from standin.iothub.hub import Hub
from standin.iothub.registry.requests import IdentityRequest
from tests.cli.conftest import allow_deployer
from tests.standin.iothub.conftest import hubs_of, make_hub
from tests.standin.running import RunningStandin

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")]
LOG = [("stdout", "loading the model"), ("stderr", "ValueError: no such column")]


class Agent:
    """Of the device edge-01, which runs `scorer` and `scorer.2`. Everything of it happens in the server's thread."""

    def __init__(self, standin: RunningStandin, hub: Hub) -> None:
        self._standin = standin
        self._hub = hub
        self._jobs: list[asyncio.Task[None]] = []
        names = ("scorer", "scorer.2")
        self._modules: Mapping[str, Observed] = {
            name: Observed(
                name=name, id=name, fingerprint="", state="running", exit_code=0, started="", finished="", image="",
                address="",
            )
            for name in names
        }  # fmt: skip

    def connect(self) -> None:
        async def start() -> None:
            self._hub.connection("edge-01", "$edgeAgent", True)
            self._jobs.append(asyncio.create_task(self._serve()))

        self._standin.wait_for(start())

    async def _serve(self) -> None:
        events = self._hub.subscribe("edge-01")
        names = DeviceNames(host=self._hub.host, device="edge-01", slug="edge-01", prefix="t-", folder=Path("/nowhere"))
        docker: Any = None  # what it would be asked is given by the test
        async for event in events:
            if event[0] == "method":
                call, observe = event[2], self._observe
                call.respond(*await methods.invoke(call.name, call.payload, names, docker=docker, observe=observe))

    async def _observe(self) -> Mapping[str, Observed]:
        return self._modules


@pytest.fixture
def hub(standin: RunningStandin) -> Hub:
    made = make_hub("hub-agent")
    allow_deployer(standin, made.name)
    found = hubs_of(standin).get(made.host)
    assert found is not None

    def add_device(_: object) -> None:
        with found.transaction():
            found.registry.put_device("edge-01", IdentityRequest(edge=True), None)

    standin.do(add_device)
    return found


@pytest.fixture
def client(hub: Hub) -> IotHub:
    return iot_hub(hub.host)


@pytest.fixture
def agent(standin: RunningStandin, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Agent:
    async def log_lines(docker: object, container: str, *, tail: int, **more: object) -> list[tuple[str, str]]:
        return LOG[-tail:] if container == "scorer" else []

    monkeypatch.setattr("standin.containers.engine.log_lines", log_lines)
    return Agent(standin, hub)


def test_the_last_lines_of_one_module_come_as_it_wrote_them(agent: Agent, client: IotHub) -> None:
    agent.connect()
    assert client.module_logs("edge-01", "scorer", tail=1) == "ValueError: no such column\n"
    assert client.module_logs("edge-01", "scorer", tail=5).splitlines() == [line for _, line in LOG]
    assert client.module_logs("edge-01", "scorer.2", tail=5) == ""
    with pytest.raises(ServiceError, match="the agent knows no module 'score'"):
        client.module_logs("edge-01", "score", tail=5)


def test_an_agent_answers_once_it_is_connected(agent: Agent, client: IotHub) -> None:
    assert client.agent_answers("edge-01") is False
    with pytest.raises(ServiceError, match="404103"):
        client.module_logs("edge-01", "scorer", tail=1)
    agent.connect()
    assert client.agent_answers("edge-01") is True
