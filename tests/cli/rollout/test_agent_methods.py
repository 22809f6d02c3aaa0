"""The agent's direct methods through Microsoft's SDK: a hub of the stand-in, and an agent without Docker."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cli.__main__ import main
from cli.azure import iot_hub
from cli.commands.device import agent as device_agent
from cli.stack.outputs import Outputs
from cloud.errors import ServiceError
from cloud.iot_hub import IotHub
from standin.edgeruntime.agent import methods
from standin.edgeruntime.agent.device_names import DeviceNames
from standin.edgeruntime.agent.plan import Observed
from standin.iothub.hub import Hub
from standin.iothub.registry.requests import IdentityRequest
from tests.cli.conftest import VALUES, allow_deployer
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


@pytest.fixture
def stack(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Its outputs, as the commands see them: a hub and the device edge-01."""
    made = {"name": "hub-agent", "host": hub.host, "resourceGroup": "rg", "consumerGroup": "monitor"}
    values = {**VALUES, "hub": made, "devices": {"edge-01": {}}, "environment": "local"}
    monkeypatch.setattr(device_agent, "outputs", lambda name: Outputs(name, values))
    monkeypatch.setattr(device_agent, "enter", lambda name: None)
    return values


def test_the_commands_ask_the_agent(
    agent: Agent, stack: dict[str, Any], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    restarted = []

    async def restart(docker: object, container: str, *, timeout_seconds: int) -> None:
        restarted.append(container)

    monkeypatch.setattr("standin.containers.engine.restart", restart)
    agent.connect()

    assert main(["device", "ping", "edge-01", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["device"] == "edge-01"
    assert main(["device", "logs", "edge-01", "scorer", "--tail", "1", "--since", "15m"]) == 0
    assert capsys.readouterr().out == "ValueError: no such column\n"
    assert main(["device", "restart", "edge-01", "scorer"]) == 0
    assert capsys.readouterr().out.startswith("edge-01: scorer restarts;")
    assert restarted == ["scorer"]


def test_what_the_agent_refuses_is_told_in_its_words(
    agent: Agent, stack: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    agent.connect()
    assert main(["device", "restart", "edge-01", "score"]) == 1
    expected = (
        "edgeway: the agent of device 'edge-01' answered 500: Module score not found in the current environment\n"
    )
    assert capsys.readouterr().err == expected
    assert main(["device", "logs", "edge-01", "score"]) == 1
    assert "answered 404: the agent knows no module 'score'" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command", [["ping", "edge-01"], ["logs", "edge-01", "scorer"], ["restart", "edge-01", "scorer"]]
)
def test_an_agent_that_is_not_connected_is_told_so_with_3(
    command: list[str], hub: Hub, stack: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["device", *command]) == 3
    assert capsys.readouterr().err == f"edgeway: the agent of device 'edge-01' is not connected to {hub.host}\n"


def test_a_restart_in_production_wants_a_yes(
    agent: Agent, stack: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    stack["environment"] = "prod"
    assert main(["device", "restart", "edge-01", "scorer"]) == 2
    assert "is production: the module does not work while it starts; --yes goes on" in capsys.readouterr().err


@pytest.mark.parametrize("since", ["15", "0m", "1w", "m", "1.5h", "15m;"])
def test_an_age_that_is_none_is_refused(since: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit:
        main(["device", "logs", "edge-01", "scorer", "--since", since])
    assert (exit.value.code, "such as 15m" in capsys.readouterr().err) == (2, True)
