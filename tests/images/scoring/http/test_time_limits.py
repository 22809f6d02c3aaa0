"""The table of phases: how long a connection may be in each, and how it ends then."""

from __future__ import annotations

import pytest

from images.scoring.http.limits import LINGER_SECONDS, TIME_LIMITS, Ending, Limits, Phase, ending

LIMITS = Limits(max_connections=1, max_in_flight=1, max_body_bytes=1, request_seconds=10, idle_seconds=60)


@pytest.mark.parametrize(
    ("phase", "seconds", "end"),
    [
        (Phase.CLOSING, LINGER_SECONDS, Ending.ABORT),
        (Phase.UNREAD, 10, Ending.ABORT),
        (Phase.ARRIVING, 10, Ending.REFUSE),
        (Phase.IDLE, 60, Ending.CLOSE),
    ],
)
def test_a_connection_ends_when_the_time_of_its_phase_is_over(phase: Phase, seconds: float, end: Ending) -> None:
    assert ending(phase, seconds, LIMITS) is None
    assert ending(phase, seconds + 0.001, LIMITS) is end


def test_while_the_model_works_no_limit_of_the_connection_runs() -> None:
    assert ending(Phase.ANSWERING, 1e9, LIMITS) is None


def test_every_phase_is_in_the_table() -> None:
    assert set(TIME_LIMITS) == set(Phase)
