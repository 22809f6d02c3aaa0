from __future__ import annotations

import json

import pytest

from cli.__main__ import main
from cli.events.message import Message
from tests.cli.messages import ListReader, message


def test_the_monitor_stops_after_count_messages(arriving: list[Message], capsys: pytest.CaptureFixture[str]) -> None:
    arriving += [message("a"), message("a"), message("b", device="other"), message("c"), message("d")]
    assert main(["monitor", "--json", "--count", "2", "--timeout", "5", "--device", "edge-01"]) == 0
    captured = capsys.readouterr()
    assert [json.loads(line)["messageId"] for line in captured.out.splitlines()] == ["a", "c"]
    assert "2 messages, 1 repeat dropped" in captured.err


def test_too_few_messages_in_time_are_an_error(arriving: list[Message], capsys: pytest.CaptureFixture[str]) -> None:
    arriving += [message("a")]
    assert main(["monitor", "--count", "2", "--timeout", "0.05"]) == 3
    assert "1 of 2 messages arrived within 0.05 s" in capsys.readouterr().err


def test_a_ctrl_c_prints_the_summary(
    arriving: list[Message], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(self: ListReader, timeout: float) -> Message | None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ListReader, "next", interrupted)
    assert main(["monitor"]) == 0
    assert "0 messages, 0 repeats dropped" in capsys.readouterr().err
