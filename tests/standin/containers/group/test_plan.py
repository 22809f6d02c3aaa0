from __future__ import annotations

from standin.containers.group.plan import Plan, Seen, reconcile
from standin.containers.group.spec import RestartPolicy


def seen(name: str, *, run: str = "2", running: bool = True, started: bool = True, code: int = 0) -> Seen:
    return Seen(container=name, run=run, running=running, ever_started=started, exit_code=code)


PAUSE = seen("", run="")
NOTHING = Plan()


def plan(
    *there: Seen,
    restart_policy: RestartPolicy = RestartPolicy.ALWAYS,
    stopped: bool = False,
    secrets_there: bool = True,
) -> Plan:
    return reconcile(
        ["a", "b"], "2", there, restart_policy=restart_policy, stopped=stopped, secrets_there=secrets_there
    )


def test_what_runs_is_adopted() -> None:
    assert plan(PAUSE, seen("a"), seen("b")) == NOTHING


def test_what_is_gone_is_reported_and_not_made_again() -> None:
    assert plan(PAUSE, seen("a")) == Plan(vanished=frozenset({"b"}))


def test_a_container_of_an_older_run_does_not_count() -> None:
    assert plan(PAUSE, seen("a"), seen("b", run="1")) == Plan(vanished=frozenset({"b"}))


def test_without_the_pause_container_all_are_gone() -> None:
    assert plan(seen("a"), seen("b")).vanished == {"a", "b"}


def test_after_a_power_cut_secrets_are_filled_before_containers_start() -> None:
    found = plan(seen("", run="", running=False), seen("a", running=False), seen("b", running=False))
    assert found == Plan(refill=True, start=frozenset({"a", "b"}))


def test_containers_that_run_without_their_secrets_start_again() -> None:
    assert plan(PAUSE, seen("a"), seen("b"), secrets_there=False) == Plan(refill=True, start=frozenset({"a", "b"}))


def test_a_stopped_group_stays_stopped() -> None:
    asleep = [seen(name, running=False) for name in ("", "a", "b")]
    assert plan(*asleep, stopped=True, secrets_there=False) == NOTHING


def test_who_ran_to_its_end_is_not_run_again() -> None:
    done = [PAUSE, seen("a", running=False), seen("b", running=False, code=1)]
    assert plan(*done, restart_policy=RestartPolicy.NEVER) == NOTHING
    assert plan(*done, restart_policy=RestartPolicy.ON_FAILURE).start == {"b"}
    assert plan(*done, restart_policy=RestartPolicy.ALWAYS).start == {"a", "b"}


def test_a_container_that_was_made_but_never_started_is_started() -> None:
    found = plan(PAUSE, seen("a"), seen("b", running=False, started=False), restart_policy=RestartPolicy.NEVER)
    assert found.start == {"b"}
