from __future__ import annotations

import pytest

from cli.__main__ import main
from cli.commands import show
from cli.errors import Unreached
from cli.events.message import Message
from cli.stack.outputs import Outputs
from tests.cli.conftest import VALUES
from tests.cli.messages import message


def test_show_waits_for_a_message_of_the_deployed_model(
    arriving: list[Message], capsys: pytest.CaptureFixture[str]
) -> None:
    old = message("old", properties={"AzureMLResponse": "OK", "model": "b" * 12})
    arriving += [old, message("raw", properties={}), message("new")]
    assert main(["show", "--wait", "--timeout", "5"]) == 0
    text = capsys.readouterr().out
    assert "device   edge-01  model=anomaly" in text
    assert '{"anomaly": false}' in text
    assert "accuracy 0.9908 (at least 0.98), n 3" in text
    assert arriving == []


def test_show_says_which_device_sent_nothing(arriving: list[Message], outputs: Outputs) -> None:
    with pytest.raises(Unreached, match=r"no message scored by aaaaaaaaaaaa from edge-01 within 0\.05 s"):
        show.wait_for_messages(outputs, "local", 0.05)


def test_no_line_is_wider_than_the_terminal_and_counts_of_a_confusion_are_left_out(outputs: Outputs) -> None:
    model = {**VALUES["models"]["anomaly"], "metrics": {"accuracy": 1, "true_positives": 48, "false_negatives": 0}}
    image = f"127.0.0.1:25702/edgeway/anomaly@sha256:{'f' * 64}"
    values = {**VALUES, "models": {"anomaly": model}, "images": {"anomaly": image}}
    body = {"machine": {"temperature": 21.10083189, "pressure": 1.01148718}, "anomaly": False}
    arrived = {"edge-01": message("edge-01", body=body, properties={"model": "a" * 12, "batchId": "b" * 36})}
    told = show.lines(Outputs("local", values), arrived, 80)
    assert max(map(len, told)) <= 80
    assert "  model    anomaly aaaaaaaaaaaa  accuracy 1 (at least 0.98)" in told
    assert f"  image    anomaly  127.0.0.1:25702/edgeway/anomaly@sha256:{'f' * 12}" in told
