"""What services, devices and models answer may be nested without measure: it is told as text, never as a traceback."""

from __future__ import annotations

import pytest
from azure.eventhub import EventData

from cli.commands.scoring.invoke import _pretty
from cli.errors import Failed
from cli.events.message import as_line, message_of
from cli.new_model.steps import ORDINARY, _answer
from cli.scoring.client import reason
from cloud.errors import error_of_body

DEEP = "[" * 100_000


def test_a_devices_message_is_shown_as_it_came() -> None:
    assert as_line(message_of("0", EventData(DEEP))).endswith(DEEP)


def test_an_answer_is_shown_as_it_came() -> None:
    assert _pretty(DEEP) == DEEP


def test_a_refusal_is_cut() -> None:
    assert len(reason(DEEP.encode())) == 300
    code, message = error_of_body(DEEP)
    assert (code, len(message)) == ("", 600)
    assert error_of_body('{"Message": "' + DEEP + '"}') == ("", DEEP)


def test_a_step_that_answers_so_has_not_answered() -> None:
    with pytest.raises(Failed, match="ended early, with exit code 0 and without an answer"):
        _answer("reading the file", ORDINARY, 0, DEEP, "")
