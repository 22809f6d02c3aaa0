from __future__ import annotations

from standin.containers.probes import Probe, Track, passes


def probe(failures: int = 3, successes: int = 1) -> Probe:
    return Probe(
        port=80,
        initial_delay_seconds=0,
        period_seconds=1,
        timeout_seconds=1,
        failure_threshold=failures,
        success_threshold=successes,
    )


def verdicts(track: Track, results: str) -> list[str | None]:
    return [track.feed(result == "+") for result in results]


def test_a_probe_goes_down_at_the_end_of_a_full_row_of_failures() -> None:
    assert verdicts(Track(probe()), "+----") == ["up", None, None, "down", None]


def test_one_success_breaks_the_row() -> None:
    assert verdicts(Track(probe()), "+--+--") == ["up", None, None, None, None, None]


def test_successes_have_a_threshold_of_their_own() -> None:
    assert verdicts(Track(probe(failures=1, successes=2)), "-+++") == ["down", None, "up", None]


def test_redirects_pass_and_errors_do_not() -> None:
    assert [passes(status) for status in (199, 200, 302, 400, 503)] == [False, True, True, False, False]
