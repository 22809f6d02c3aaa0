"""The benchmark of the edge hub: what it counts, what it says, and that messages go the whole way."""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from bench.edge import report, rounds
from bench.edge.arrivals import Arrivals
from bench.edge.messages import BODY_BYTES, body, marks
from bench.edge.modules.pace import due_times
from bench.edge.orders import Child
from bench.edge.rounds import Killed, Measured, Results
from bench.edge.ways import BROKER, EDGE_HUB, EDGE_HUB_SDK
from bench.machine import BenchError

MS = 1_000_000


def measured(**changed: float) -> Measured:
    values: dict[str, Any] = {
        "messages_per_s": 4000.0,
        "cpu_us": 80.0,
        "p50_ms": 1.0,
        "p99_ms": 5.0,
        "paced_cpu_us": 300.0,
        "lost": 0,
        "repeated": 0,
    }
    return Measured(**{**values, **changed})


def results(**ours: float) -> Results:
    made = Results(rss_bytes={EDGE_HUB: 60_000_000, BROKER: 10_000_000}, killed=Killed(sent=10, lost=0, repeated=1))
    made.measured[EDGE_HUB] = [measured(**ours)] * 3
    made.measured[BROKER] = [measured(messages_per_s=8000.0, cpu_us=20.0)] * 3
    return made


def test_a_message_is_a_kilobyte_of_json_that_is_known_again_inside_other_bytes() -> None:
    made = body(7, 123)
    assert len(made) == BODY_BYTES == 1024
    sent_ns = json.loads(made)["sent_ns"]
    assert marks(b"\x00around" + made + b"it") == (7, 123, sent_ns)
    with pytest.raises(ValueError, match="nobody sent"):
        marks(b"another message")


def test_what_is_lost_or_repeated_is_counted_and_what_is_late_of_another_run_is_not() -> None:
    arrivals = Arrivals()
    for run, number, sent, arrived in ((1, 0, 5, 9), (2, 0, 10, 13), (2, 2, 11, 12), (2, 0, 10, 90), (1, 1, 5, 99)):
        arrivals.note(arrived * MS, b'{"run":%d,"number":%d,"sent_ns":%d,"padding":""}' % (run, number, sent * MS))
    assert arrivals.distinct(2) == 2
    tally = arrivals.tally(2, 3)
    assert (tally.lost, tally.repeated) == (1, 1)
    assert tally.latencies_ns == (1 * MS, 3 * MS)
    assert (tally.first_sent_ns, tally.last_arrived_ns) == (10 * MS, 13 * MS)
    assert arrivals.distinct(2) == 0


def test_messages_are_due_at_their_pace_or_all_at_once() -> None:
    paced = list(due_times(5, 200))
    assert [round(later - earlier, 6) for earlier, later in itertools.pairwise(paced)] == [0.005] * 4
    assert len(set(due_times(5, 0))) == 1


@pytest.mark.parametrize(("count", "index"), [(1, 0), (100, 98), (1000, 989)])
def test_the_99th_percentile_is_the_last_but_one_of_a_hundred(count: int, index: int) -> None:
    assert rounds._share(range(count), 0.99) == index


@pytest.mark.parametrize(
    ("ours", "missed"),
    [
        ({}, []),
        ({"messages_per_s": 999.0}, ["messages/s"]),
        ({"p99_ms": 20.1}, ["p99 at 200/s, ms"]),
        ({"lost": 1}, ["lost"]),
    ],
)
def test_goals_are_held_against_the_medians_and_every_loss(ours: dict[str, float], missed: list[str]) -> None:
    made = results(**ours)
    assert [goal.measure for goal in report.goals(made) if not goal.met] == missed
    assert sum("MISSED" in line for line in report.text(made)) == len(missed)


def test_a_message_lost_at_the_kill_is_a_loss() -> None:
    made = results()
    made.killed = Killed(sent=10, lost=1, repeated=0)
    assert [goal.measure for goal in report.goals(made) if not goal.met] == ["lost"]


def test_the_table_has_each_way_and_the_ratio_to_the_broker() -> None:
    lines = list(report.text(results()))
    assert any(line.startswith("edgehub ") and "4,000" in line for line in lines)
    assert any("messages/s x 0.50, CPU x 4.0, p99 x 1.0" in line for line in lines)
    assert json.dumps(report.document(results()))


def test_a_run_without_the_edge_hub_has_no_goals_to_miss() -> None:
    made = results()
    del made.measured[EDGE_HUB]
    assert report.goals(made) == []
    assert not any("round by round" in line for line in report.text(made))


@pytest.mark.slow
def test_messages_go_the_whole_way_over_both_kinds_of_client() -> None:
    size = rounds.Size(rounds=1, flow=20, paced_seconds=1)
    made = rounds.run([EDGE_HUB, EDGE_HUB_SDK], size, tell=lambda line: None)
    for name in (EDGE_HUB, EDGE_HUB_SDK):
        (one,) = made.measured[name]
        assert (one.lost, one.messages_per_s > 0, one.p99_ms >= one.p50_ms > 0) == (0, True, True)
    assert made.killed is not None and made.killed.lost == 0


def test_a_process_of_the_bench_that_ends_is_told_with_its_last_lines(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('no such role')"]
    child = Child(command, core=0, log=tmp_path / "module.log", variables={})
    try:
        with pytest.raises(BenchError, match="module ended: no such role"):
            child.answer()
    finally:
        child.end()
