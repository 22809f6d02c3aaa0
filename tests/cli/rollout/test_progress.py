"""What is told while nothing changes, and in what words the wait ends."""

from __future__ import annotations

import pytest

from cli.errors import Failed, Unreached
from cli.rollout.progress import Progress
from cli.rollout.standing import Standing, State
from tests.cli.rollout.fleet import ANOMALY, Fleet, FleetClock, agent, scored
from tests.docs.refusals import ROLLOUT

CAMERA = "2026-11-28 12:00:03,120 WARNING image_capture rtsp://camera.example.com/live cannot be opened; trying again"
WELL = "2026-11-28 12:00:05,000 INFO scoring.module connected to the edge hub"
WAITS = f"edge-01  runs what is wanted; waits for a message that anomaly {ANOMALY} scored"


@pytest.fixture
def fleet() -> Fleet:
    """A camera that sends nothing, beside a scorer that is well."""
    fleet = Fleet()
    fleet.layer("anomaly", "edge-01", modules=("scorer", "camera"))
    fleet.device("edge-01", (0, agent()))
    fleet.logs_of_modules["edge-01", "scorer"] = f"{WELL}\n"
    fleet.logs_of_modules["edge-01", "camera"] = f"INFO looking\n{CAMERA}\nINFO nobody watches\n"
    return fleet


def test_a_minute_without_a_change_tells_the_last_warning_of_what_is_waited_for(fleet: Fleet) -> None:
    fleet.wait(150)
    assert fleet.told == [
        f"   0 s  {WAITS}",
        f"  60 s  {WAITS}; 90 s left",
        f"        camera | {CAMERA}",
        f" 120 s  {WAITS}; 30 s left",
        f"        camera | {CAMERA}",
    ]


def test_modules_that_are_all_well_are_told_with_their_last_line(fleet: Fleet) -> None:
    fleet.logs_of_modules["edge-01", "camera"] = "INFO looking\n\n"
    fleet.wait(70)
    assert fleet.told[2:] == [f"        scorer | {WELL}", "        camera | INFO looking"]


def test_what_is_down_is_told_with_its_very_last_line(fleet: Fleet) -> None:
    fleet.device("edge-01", (0, agent(status="backoff", restarts=1, exit_code=1)))
    fleet.logs["edge-01"] = ""
    fleet.logs_of_modules["edge-01", "scorer"] = "WARNING no hub\nValueError: no\x1b[2Ksuch column\n"
    fleet.wait(70)
    assert fleet.told[2:] == ["        scorer | ValueError: no [2Ksuch column"]


def test_a_device_that_gives_no_logs_is_told_without(fleet: Fleet) -> None:
    fleet.logs_of_modules.clear()
    fleet.wait(70)
    assert fleet.told == [f"   0 s  {WAITS}", f"  60 s  {WAITS}; 10 s left"]


def test_what_is_right_or_was_told_of_within_the_minute_asks_for_no_logs(fleet: Fleet) -> None:
    fleet.messages = [scored(59)]
    fleet.wait()
    assert fleet.asked_for_logs == []


def test_one_device_a_round_is_asked_for_logs_and_each_in_its_turn(fleet: Fleet) -> None:
    told: list[str] = []
    progress = Progress(fleet, FleetClock(fleet), told.append)
    standings = {name: Standing(state=State.WAITING, says="waits") for name in ("edge-01", "edge-02")}
    for name in standings:
        progress.changed(name, "waits")
    for fleet.seconds in (60, 62, 64):
        progress.remind(standings, {"edge-01": (), "edge-02": ()}, 100)
    assert told[2:] == ["  60 s  edge-01  waits; 100 s left", "  62 s  edge-02  waits; 100 s left"]


def test_the_error_at_the_end_names_device_module_and_its_last_words(fleet: Fleet) -> None:
    end = fleet.wait(600)
    with pytest.raises(Unreached) as late:
        end.check(600)
    assert (
        str(late.value)
        == f"edge-01: not as wanted within 600 s. {WAITS.replace('  ', ' ')}; camera said last: {CAMERA}"
    )
    ROLLOUT.check("silent", f"edgeway: {late.value}", {ANOMALY: "<version>"})


def test_the_error_names_the_reasons_of_some_devices_not_of_a_whole_fleet(fleet: Fleet) -> None:
    devices = [f"edge-{number:02}" for number in range(9)]
    fleet.layer("anomaly", *devices)
    for device in devices:
        fleet.device(device, (0, agent(status="failed", exit_code=3)))
    with pytest.raises(Failed) as stuck:
        fleet.wait().check(600)
    assert str(stuck.value).count("exit code 3") == 3
    assert str(stuck.value).startswith(
        f"{', '.join(devices)}: not as wanted. edge-00 cannot: module 'scorer' is failed"
    )


def test_a_module_that_ends_again_and_again_is_on_the_page_of_errors(fleet: Fleet) -> None:
    fleet.device("edge-01", (0, agent(status="backoff", restarts=3, exit_code=2)))
    fleet.logs_of_modules["edge-01", "scorer"] = "scorer: SCORING_WORKERS is 'many'; a whole number is wanted\n"
    with pytest.raises(Failed) as stuck:
        fleet.wait().check(600)
    ROLLOUT.check("ends", f"edgeway: {stuck.value}")
