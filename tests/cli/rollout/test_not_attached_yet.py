"""A roll-out to a hub of the stand-in whose device nobody has attached, as after a first `up`: by Microsoft's SDK."""

from __future__ import annotations

import argparse
import asyncio

import pytest

from cli.commands import show
from cli.rollout.rollout import wait_for_rollout
from cli.rollout.standing import State
from cli.stack.outputs import Outputs
from cloud.iot_hub import Configuration, IotHub
from cloud.operation import Waiting
from tests.cli.conftest import VALUES, allow_deployer
from tests.standin.iothub.conftest import hubs_of, make_hub
from tests.standin.running import RunningStandin

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")]
LAYER = Configuration(
    id="anomaly-2",
    modules_content={"$edgeAgent": {"properties.desired.modules.scorer": {"settings": {"image": "scorer:1"}}}},
    target_condition="tags.model = 'anomaly'",
    priority=1,
    metrics={},
    labels={},
)


@pytest.fixture
def stack(standin: RunningStandin) -> Outputs:
    """With one device that is registered, and its layer."""
    made = make_hub("hub-new")
    allow_deployer(standin, made.name)
    client = IotHub(Waiting(), made.host)
    client.create_device("edge-01", edge=True)
    client.patch_tags("edge-01", {"model": "anomaly"})
    client.create_configuration(LAYER)
    hub = {"name": made.name, "host": made.host, "resourceGroup": "rg", "consumerGroup": "monitor"}
    return Outputs("dev", {**VALUES, "hub": hub})


def test_the_first_up_ends_well_and_says_how_to_attach_the_device(
    stack: Outputs, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(show, "outputs", lambda name: stack)
    monkeypatch.setattr(show, "enter", lambda name: None)
    monkeypatch.setenv("COLUMNS", "120")
    assert show.run(_arguments()) == 0
    said = capsys.readouterr()
    assert "  new  edge-01  not attached yet: edgeway device config edge-01 --stack dev --out DIR" in said.err
    assert "  device   edge-01  model=anomaly" in said.out


def test_a_virtual_machine_attaches_itself_and_is_waited_for(stack: Outputs) -> None:
    stack.values["devices"] = {"edge-01": {"tags": {}, "machine": "/subscriptions/s/virtualMachines/vm"}}
    end = wait_for_rollout(stack, 0.1)
    assert [one.standing.state for one in end.devices] != [State.NEW]


def test_a_device_that_was_there_once_and_is_gone_is_not_taken_for_a_new_one(
    stack: Outputs, standin: RunningStandin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.rollout.waiting._AWAY_SECONDS", 0.1)
    hub = hubs_of(standin).get(stack.hub.host)
    assert hub is not None

    async def come_and_go() -> None:
        hub.connection("edge-01", "$edgeAgent", True)
        await asyncio.sleep(0)
        hub.connection("edge-01", "$edgeAgent", False)

    standin.wait_for(come_and_go())
    end = wait_for_rollout(stack, 60)
    assert [one.standing.state for one in end.devices] == [State.AWAY]
    assert end.failure == "no device of layer 'anomaly' is connected"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    show.COMMAND.add_options(parser)
    return parser.parse_args(["--stack", "dev", "--wait", "--timeout", "60"])
