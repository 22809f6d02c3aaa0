"""An endpoint changes over to another model, its tags and keys change, the stand-in dies: what its users see of it.

`EDGEWAY_RATE=200` has the users ask so often; what a busy machine stands is less.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from tests.e2e.azureml.online.load import RATE, Seen, load, within_chance
from tests.e2e.azureml.online.place import SEED, Place
from tests.e2e.figures import TABLE
from tests.e2e.stack.local_stack import eventually

pytestmark = pytest.mark.azureml


def test_a_retrain_changes_over_under_load_and_nobody_sees_more_of_it_than_another_model(place: Place) -> None:
    old = place.serving
    place.set(SEED, time.time_ns() // 10**8 % 2**31)  # of no run before
    said = place.preview()
    assert "anomaly retrains (seed " in said and "online endpoint changes over" in said, said
    assert (
        "online endpoint anomaly changes over: a new deployment answers 100 golden requests and gets 10, 50, 100 % of "
        "the traffic, each held for 5 s; the old one serves meanwhile"
    ) in said

    with load(place) as seen:
        began = time.monotonic()
        place.up()
        took = time.monotonic() - began

    new = place.serving
    TABLE.add(f"an endpoint changes over at {RATE:g} requests/s", seen.told(), f"up {took:.0f} s; {steps(seen, new)}")
    assert seen.failed == []
    assert [dict(span.traffic) for span in seen.spans()] == [
        {old: 100}, {old: 90, new: 10}, {old: 50, new: 50}, {new: 100}
    ]  # fmt: skip
    assert_each_has_its_share(seen)
    assert_who_has_no_share_does_not_answer(seen)
    assert place.containers_of() == {new: 1}
    assert place.stack.changes() == {}


def assert_each_has_its_share(seen: Seen) -> None:
    for span in seen.spans():
        answered = seen.within(span)
        for name, share in span.traffic.items():
            assert within_chance(answered[name], answered.total(), share / 100), (span, answered)


def assert_who_has_no_share_does_not_answer(seen: Seen) -> None:
    """But for who was asked before: a second later nobody is any more."""
    for name in {one.deployment for one in seen.answers}:
        shared = [span for span in seen.spans() if name in span.traffic]
        began, ended = shared[0], shared[-1]
        before = max((span.end for span in seen.spans() if span.end < began.begin), default=0.0)
        own = [one.came for one in seen.answers if one.deployment == name]
        assert min(own) > before, f"{name} has answered {before - min(own):.3f} s before it had a share"
        if ended is not seen.spans()[-1]:
            assert max(own) <= ended.end + 1, f"{name} has answered {max(own) - ended.end:.3f} s after its last share"


def steps(seen: Seen, new: str) -> str:
    """Shares as they were measured, and the time from the first to all of it."""
    spans = [span for span in seen.spans() if new in span.traffic]
    told = (f"{seen.within(span)[new]} of {seen.within(span).total()}" for span in spans[:-1])
    return f"shares {', '.join(told)}; first share to all {spans[-1].begin - spans[0].begin:.1f} s"


def test_tags_and_keys_change_under_load_and_nobody_is_refused(place: Place) -> None:
    with load(place) as seen:
        place.azure("tag", "project", "by hand")
        place.azure("regenerate", "secondary")
        assert place.stack.changes("--refresh") == {"mledge:ml:OnlineModel anomaly": "update"}
        place.stack.up("--refresh")
    TABLE.add("tags and the other key change under load", seen.told(), "")
    assert seen.failed == []
    assert [dict(span.traffic) for span in seen.spans()] == [{place.serving: 100}]
    assert place.stack.changes("--refresh") == {}


def test_the_stand_in_killed_while_an_endpoint_serves_goes_on_with_the_same_containers(place: Place) -> None:
    before, key = place.containers(), place.keys()
    pid = int((place.stack.standin_state / "pid").read_text())
    os.kill(pid, signal.SIGKILL)
    eventually("the stand-in is dead", lambda: not Path(f"/proc/{pid}").exists() or None)
    began = time.monotonic()
    place.stack.command("tools/standin.sh", "start")
    eventually("an answer", lambda: place.answers() == 200)
    TABLE.add("kill -9 of the stand-in", "an endpoint answers", f"{time.monotonic() - began:.1f} s after its start")
    with load(place) as seen:
        assert place.stack.changes() == {}
    assert (seen.failed, place.containers(), place.keys()) == ([], before, key)
