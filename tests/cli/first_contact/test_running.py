"""How steps are run: in order, in time, until a surprise, and what is told of it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cli.errors import Refused
from cli.first_contact.contact import Contact
from cli.first_contact.finding import NotAsked, NotMeant, Outcome, Surprise
from cli.first_contact.running import StepResult, closing, run_steps
from cli.first_contact.step import Step
from cloud.errors import ServiceError

Check = Callable[[Any], str]


def raising(error: BaseException) -> Check:
    def check(state: Any) -> str:
        raise error

    return check


def step(number: int, *checks: Check, limit_s: float = 30) -> Step:
    named = {f"P-{number}-{index}": check for index, check in enumerate(checks)}
    return Step(
        number=number, name="x", does="", price="nothing", limit_s=limit_s, begin=lambda contact: None, checks=named
    )


def ran(*steps: Step, keep_going: bool = False) -> list[StepResult]:
    results: list[StepResult] = []
    contact = Contact("dev", {})
    run_steps(steps, contact, results, keep_going=keep_going, begun=lambda one: None, found=lambda one: None)
    return results


def outcomes(results: list[StepResult]) -> list[tuple[str, str]]:
    return [(one.expectation, str(one.outcome)) for result in results for one in result.findings]


def fine(state: Any) -> str:
    return "as it should be"


SURPRISE = raising(Surprise("other"))


def test_the_first_surprise_ends_it() -> None:
    assert outcomes(ran(step(1, fine, SURPRISE, fine), step(2, fine))) == [("P-1-0", "expected"), ("P-1-1", "surprise")]


def test_what_makes_something_does_not_go_on_behind_what_could_not_be_asked() -> None:
    silent = raising(NotAsked("no right"))

    (scratch,), (reading,) = ran(step(6, silent, fine, SURPRISE)), ran(step(1, silent, fine))

    assert outcomes([scratch]) == [("P-6-0", "not asked"), ("P-6-1", "not asked"), ("P-6-2", "not asked")]
    assert scratch.findings[2].found == "behind P-6-0"
    assert outcomes([reading]) == [("P-1-0", "not asked"), ("P-1-1", "expected")]


def test_keeping_going_asks_the_rest() -> None:
    assert [name for name, _ in outcomes(ran(step(1, SURPRISE, fine), step(2, fine), keep_going=True))] == [
        "P-1-0",
        "P-1-1",
        "P-2-0",
    ]


@pytest.mark.parametrize(
    ("number", "error", "outcome"),
    [
        (1, NotAsked("x"), Outcome.NOT_ASKED),
        (1, NotMeant("x"), Outcome.NOT_MEANT),
        (1, Refused("x"), Outcome.NOT_ASKED),
        (1, ServiceError("GET", 0, "", "no route"), Outcome.NOT_ASKED),
        (1, ServiceError("GET", 403, "AuthorizationFailed", ""), Outcome.NOT_ASKED),
        (1, ServiceError("GET", 400, "BadRequest", ""), Outcome.SURPRISE),
        # who may make things and is refused has been told something
        (6, ServiceError("PUT", 403, "AuthorizationFailed", ""), Outcome.SURPRISE),
        (6, ServiceError("PUT", 0, "", "no route"), Outcome.NOT_ASKED),
        (1, KeyError("value"), Outcome.SURPRISE),
    ],
)
def test_what_ends_a_question_early_has_its_outcome(number: int, error: Exception, outcome: Outcome) -> None:
    assert outcomes(ran(step(number, raising(error)))) == [(f"P-{number}-0", str(outcome))]


def test_a_step_that_takes_too_long_is_a_surprise_at_the_question_that_it_was_at() -> None:
    def waiting(state: Any) -> str:
        # what an SDK swallows must not be what ends it
        for _ in range(2):
            try:
                time.sleep(30)
            except Exception:
                continue
        return "too late"

    (result,) = ran(step(1, fine, waiting, fine, limit_s=0.2))

    assert outcomes([result]) == [("P-1-0", "expected"), ("P-1-1", "surprise")]
    assert result.findings[1].found == "no answer within 0.2 s, the time of the step"
    assert result.seconds < 20


def test_what_is_found_carries_no_id_of_the_tenant() -> None:
    (result,) = ran(step(1, lambda state: "signed in as 11111111-0000-4000-8000-000000000001"))

    assert result.findings[0].found == "signed in as <id b970bf54>"


class Closing(Contact):
    def close(self) -> list[str]:
        # a second Ctrl-C, and a SIGTERM, while it purges
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGHUP)
        return ["the vault"]


@pytest.fixture
def heard() -> Iterator[None]:
    """As in a shell, whoever runs the tests: `nohup` has SIGHUP ignored, a script's `&` SIGINT."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in (signal.SIGTERM, signal.SIGHUP)}
    before[signal.SIGINT] = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_what_was_made_is_purged_after_a_signal_and_no_second_one_ends_that(number: signal.Signals) -> None:
    told: list[str] = []
    with pytest.raises(KeyboardInterrupt), closing(Closing("dev", {}), told.append) as left:
        os.kill(os.getpid(), number)

    assert left == ["the vault"]
    assert told == ["it is being deleted, for good: please wait"] * 3
    assert {signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGHUP)} == {signal.SIG_DFL}


def test_who_started_it_with_nohup_may_close_the_terminal() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with closing(Contact("dev", {}), print):
            os.kill(os.getpid(), signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
