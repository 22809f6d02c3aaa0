"""Runs steps: in order, each within its time, until the first surprise; what was made goes in every case."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from cli.azure import words
from cli.errors import CliError
from cli.first_contact.contact import Contact
from cli.first_contact.finding import Finding, NotAsked, NotMeant, Outcome, Surprise
from cli.first_contact.redaction import redacted
from cli.first_contact.step import Step
from cloud.errors import Kind, ServiceError, service_error


@dataclass(slots=True)
class StepResult:
    step: Step
    findings: list[Finding] = field(default_factory=list)
    seconds: float = 0.0

    def has(self, outcome: Outcome) -> bool:
        return any(finding.outcome is outcome for finding in self.findings)


class TimeUp(BaseException):
    """Of a step. No Exception, so that nothing on the way swallows it."""


Told = Callable[[Finding], None]


def run_steps(
    steps: Sequence[Step],
    contact: Contact,
    results: list[StepResult],
    *,
    keep_going: bool,
    begun: Callable[[Step], None],
    found: Told,
) -> None:
    """`results` grows as it goes, so that a run that is ended has what it had; the two others are told of it."""
    for step in steps:
        begun(step)
        results.append(StepResult(step))
        _run(results[-1], contact, keep_going, found)
        if results[-1].has(Outcome.SURPRISE) and not keep_going:
            return


def _run(result: StepResult, contact: Contact, keep_going: bool, found: Told) -> None:
    step, began, asking = result.step, time.monotonic(), ""
    try:
        with _within(step.limit_s):
            state = step.begin(contact)
            for asking, check in step.checks.items():
                before = result.findings[-1] if result.findings else None
                finding = _behind(asking, before, step) or _asked(asking, check, state, step)
                result.findings.append(finding)
                found(finding)
                if finding.outcome is Outcome.SURPRISE and not keep_going:
                    break
    except TimeUp:
        late = f"no answer within {step.limit_s:g} s, the time of the step"
        finding = Finding(
            expectation=asking or next(iter(step.checks)), outcome=Outcome.SURPRISE, found=late, seconds=step.limit_s
        )
        result.findings.append(finding)
        found(finding)
    result.seconds = time.monotonic() - began


def _behind(expectation: str, before: Finding | None, step: Step) -> Finding | None:
    """A question that builds on one that could not be asked cannot be asked either."""
    if before is None or before.outcome is not Outcome.NOT_ASKED or not step.is_scratch:
        return None
    found = before.found if before.found.startswith("behind ") else f"behind {before.expectation}"
    return Finding(expectation=expectation, outcome=Outcome.NOT_ASKED, found=found, seconds=0.0)


def _asked(expectation: str, check: Callable[[Any], str], state: Any, step: Step) -> Finding:
    began = time.monotonic()
    try:
        outcome, text = Outcome.EXPECTED, check(state)
    except Surprise as answer:
        outcome, text = Outcome.SURPRISE, str(answer)
    except NotAsked as reason:
        outcome, text = Outcome.NOT_ASKED, str(reason)
    except NotMeant as reason:
        outcome, text = Outcome.NOT_MEANT, str(reason)
    except CliError as refusal:
        outcome, text = Outcome.NOT_ASKED, str(refusal)
    except Exception as error:
        outcome, text = _refusal(error, expectation, step)
    seconds = time.monotonic() - began
    return Finding(expectation=expectation, outcome=outcome, found=redacted(text), seconds=seconds)


def _refusal(error: Exception, expectation: str, step: Step) -> tuple[Outcome, str]:
    """A service that was not reached, or that we may not ask, has said nothing; any other refusal is an answer."""
    failure = service_error(error, expectation)
    if failure is None:
        return Outcome.SURPRISE, f"the answer has another shape than is known: {type(error).__name__}: {error}"[:600]
    silent = failure.status == 0 or (failure.kind is Kind.UNAUTHORISED and not step.is_scratch)
    return (Outcome.NOT_ASKED if silent else Outcome.SURPRISE), _told(failure)


def _told(failure: ServiceError) -> str:
    answered = f"{failure.what} answered {failure.status}" if failure.status else f"{failure.what}: no answer"
    return f"{answered}: {words(failure)}"


@contextmanager
def _within(limit_s: float) -> Iterator[None]:
    """TimeUp after the limit, also in the middle of a call. Signals reach the main thread only."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def up(number: int, frame: FrameType | None) -> None:
        raise TimeUp

    before = signal.signal(signal.SIGALRM, up)
    signal.setitimer(signal.ITIMER_REAL, limit_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def closing(contact: Contact, tell: Callable[[str], None]) -> Iterator[list[str]]:
    """Purges what was made, also after a Ctrl-C, a SIGTERM or the end of the terminal, not heard meanwhile. The list
    gets what is left."""
    left: list[str] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    heard = [number for number, handler in before.items() if handler is not signal.SIG_IGN]  # nohup
    for number in heard:
        signal.signal(number, signal.default_int_handler)
    try:
        yield left
    finally:

        def wait(number: int, frame: FrameType | None) -> None:
            tell("it is being deleted, for good: please wait")

        for number in heard:
            signal.signal(number, wait)
        try:
            left += contact.close()
        finally:
            for number in heard:
                signal.signal(number, before[number])
