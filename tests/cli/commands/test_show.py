from __future__ import annotations

import json

import pytest

from cli.__main__ import main
from cli.commands import show
from cli.commands.rollout import wait
from cli.rollout import rollout
from cli.stack.outputs import Outputs
from tests.cli.conftest import VALUES
from tests.cli.messages import message
from tests.cli.rollout.fleet import Fleet, agent, scored


@pytest.fixture
def fleet(monkeypatch: pytest.MonkeyPatch, outputs: Outputs) -> Fleet:
    """A device that runs the stack's layer; put its messages in."""
    fleet = Fleet()
    fleet.layer("anomaly", "edge-01")
    fleet.device("edge-01", (0, agent()))
    for module in (show, wait):
        monkeypatch.setattr(module, "outputs", lambda name: outputs)
        monkeypatch.setattr(module, "enter", lambda name: None)
    monkeypatch.setattr(rollout, "wait_for_rollout", lambda stack, limit_seconds: fleet.wait(limit_seconds))
    return fleet


def test_show_waits_for_the_roll_out_and_shows_a_message_of_each_device(
    fleet: Fleet, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet.messages = [scored(1)]
    assert main(["show", "--wait", "--timeout", "5"]) == 0
    text = capsys.readouterr().out
    assert "device   edge-01  model=anomaly" in text
    assert '{"anomaly": false}' in text
    assert "accuracy 0.9908 (at least 0.98), n 3" in text


@pytest.mark.parametrize(("status", "code"), [("failed", 1), ("backoff", 3)])
@pytest.mark.parametrize("command", [["show", "--wait", "--timeout", "5"], ["rollout", "wait", "--timeout-s", "5"]])
def test_a_device_that_is_not_as_wanted_ends_both_with_its_reason_and_its_logs(
    fleet: Fleet, command: list[str], status: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet.device("edge-01", (0, agent(status=status, exit_code=3)))
    fleet.logs["edge-01"] = "ValueError: no such column"
    assert main(command) == code
    captured = capsys.readouterr()
    assert "scorer | ValueError: no such column" in captured.out + captured.err
    assert captured.err.splitlines()[-1].startswith("edgeway: edge-01: not as wanted")


def test_show_says_which_device_gets_it_later(fleet: Fleet, capsys: pytest.CaptureFixture[str]) -> None:
    fleet.layer("anomaly", "edge-01", "edge-02")
    fleet.device("edge-02", (0, agent(seen=1, connected=False)))
    fleet.messages = [scored(1)]
    assert main(["show", "--wait"]) == 0
    captured = capsys.readouterr()
    assert "  away edge-02  is not connected: gets it when it connects" in captured.err
    assert '{"anomaly": false}' in captured.out


def test_rollout_wait_says_how_it_ended_also_to_a_script(fleet: Fleet, capsys: pytest.CaptureFixture[str]) -> None:
    fleet.messages = [scored(1)]
    assert main(["rollout", "wait"]) == 0
    assert capsys.readouterr().out == "1 of 1 device as wanted\n  ok   edge-01  anomaly\n"
    assert main(["rollout", "wait", "--json"]) == 0
    (device,) = json.loads(capsys.readouterr().out)["devices"]
    assert (device["device"], device["state"], device["messages"][0]["device"]) == ("edge-01", "right", "edge-01")


def test_no_line_is_wider_than_the_terminal_and_counts_of_a_confusion_are_left_out(outputs: Outputs) -> None:
    model = {**VALUES["models"]["anomaly"], "metrics": {"accuracy": 1, "true_positives": 48, "false_negatives": 0}}
    image = f"127.0.0.1:25702/edgeway/anomaly@sha256:{'f' * 64}"
    values = {**VALUES, "models": {"anomaly": model}, "images": {"anomaly": image}}
    body = {"machine": {"temperature": 21.10083189, "pressure": 1.01148718}, "anomaly": False}
    arrived = {"edge-01": [message("edge-01", body=body, properties={"model": "a" * 12, "batchId": "b" * 36})]}
    told = show.lines(Outputs("local", values), arrived, 80)
    assert max(map(len, told)) <= 80
    assert "  model    anomaly aaaaaaaaaaaa  accuracy 1 (at least 0.98)" in told
    assert f"  image    anomaly  127.0.0.1:25702/edgeway/anomaly@sha256:{'f' * 12}" in told


def test_what_the_gate_measured_stands_beside_the_limits_of_the_smallest_place(outputs: Outputs) -> None:
    gate = {"memoryPeakMb": 88.4, "memoryMb": 512, "latencyMs": 0.42, "timeoutMs": 2000, "startedInSeconds": 0.91}
    model = {**VALUES["models"]["anomaly"], "gate": gate}
    told = show.lines(Outputs("local", {**VALUES, "models": {"anomaly": model}}), {}, 120)
    assert "  gate     anomaly  88 of 512 MB, an answer within 0.4 of 2000 ms, ready after 0.9 s" in told
    unknown = {**model, "gate": {**gate, "memoryPeakMb": None}}
    told = show.lines(Outputs("local", {**VALUES, "models": {"anomaly": unknown}}), {}, 120)
    assert not [line for line in told if line.startswith("  gate")]
