"""What must be done so that Docker has what a group's description says: pure, so that every crash can be tried.

A group's `run` counts its roll-outs; containers carry the run they belong to. A roll-out that was interrupted is not
handled here: the resource manager takes up the operation, which rolls out again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from standin.containers.group.spec import RestartPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A container of the group in Docker. `container` is "" for the pause container."""

    container: str
    run: str
    running: bool
    ever_started: bool
    exit_code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    refill: bool = False
    """The memory of the secret volumes is empty (the engine was stopped): start the pause container and fill them."""
    start: frozenset[str] = frozenset()
    vanished: frozenset[str] = frozenset()
    """Taken away behind our back: reported, not made again. `start`, `restart` and PUT make them again."""


def reconcile(
    containers: Collection[str],
    run: str,
    seen: Iterable[Seen],
    *,
    restart_policy: RestartPolicy,
    stopped: bool,
    secrets_there: bool,
) -> Plan:
    """After a start of the stand-in or of the engine: adopt what is there, start what should run."""
    seen = list(seen)
    pause = next((each for each in seen if each.container == ""), None)
    ours = {each.container: each for each in seen if each.container in containers and each.run == run}
    if pause is None:
        # The others live in its network; without it they are as good as gone.
        return Plan(vanished=frozenset(containers))
    vanished = frozenset(containers) - ours.keys()
    if stopped:
        return Plan(vanished=vanished)
    refill = not (pause.running and secrets_there)
    # Those that run without their secrets, or in a network that is no more, start again too.
    start = (each for each in ours.values() if (refill or not each.running) and _should_run(each, restart_policy))
    return Plan(refill=refill, start=frozenset(each.container for each in start), vanished=vanished)


def _should_run(each: Seen, restart_policy: RestartPolicy) -> bool:
    if each.running or not each.ever_started or restart_policy is RestartPolicy.ALWAYS:
        return True
    return restart_policy is RestartPolicy.ON_FAILURE and each.exit_code != 0
