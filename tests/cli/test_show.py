from __future__ import annotations

import pytest

from cli.__main__ import main
from cli.commands import show
from cli.errors import Unreached
from cli.events.message import Message
from cli.stack.outputs import Outputs
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
    assert "accuracy 0.9908, n 3" in text
    assert arriving == []


def test_show_says_which_device_sent_nothing(arriving: list[Message], outputs: Outputs) -> None:
    with pytest.raises(Unreached, match=r"no message scored by aaaaaaaaaaaa from edge-01 within 0\.05 s"):
        show.wait_for_messages(outputs, "local", 0.05)
