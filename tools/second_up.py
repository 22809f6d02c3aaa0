"""Whether an `up` that failed is worth exactly one more, and whether that one keeps to what was agreed.

    second_up.py why EVENTS                       a line that says why, a line with the pause in seconds, then an option
                                                  a line; nothing where there is another reason, too
    second_up.py within AGREED PLANNED [URN...]   exits with 1 where a plan has a change that was not in the agreed one;
                                                  the URNs may be replaced instead of updated

EVENTS is the event log of the `up`; AGREED and PLANNED are those of two previews.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cli.forecast.operations import Operation, read_operations
from tools.engine.events import events_of, short

ROLE_PAUSE_SECONDS = 60
"""For a role that the service does not honour yet: Azure gives no bound, minutes are usual."""
_ROLE = re.compile(r"\b(InaccessibleImage|FailedIdentityOperation)\b")
_WHERE_ROLES_ARE_NEW = {
    "Workspace": re.compile(r"\b(AuthorizationFailed)\b"),
    # a cluster that is attached says it of the workspace's identity
    "Compute": re.compile(r"(extension (?:is )?not installed|[Ii]nternal [Ss]erver [Ee]rror)"),
    # a job reads and writes storage, and its machine pulls the image; an endpoint reads the model and pulls
    "TrainingRun": re.compile(r"(StreamAccess\.Authentication|Failed to pull Docker image)"),
    "OnlineModel": re.compile(r"(authorization error|does not have pull permission)"),
}
"""By type of resource: what has other causes, too, and is the role's where this very run has assigned one."""
_IN_PLACE = re.compile(r"\b(InvalidContainerGroupUpdate)\b")
_MAY_BECOME = {"create": {"create", "update"}, "replace": {"replace", "create", "update"}}


def why(events: Sequence[Mapping[str, Any]]) -> list[str]:
    """Empty where any resource failed for another reason: one more `up` would fail alike."""
    failed = {event["resOpFailedEvent"]["metadata"]["urn"] for event in events if "resOpFailedEvent" in event}
    late, fixed = {}, {}
    for urn in failed:
        said = " ".join(_errors(events, urn))
        if found := _ROLE.search(said) or _of_a_new_role(events, urn, said):
            late[urn] = found[1]
        elif found := _IN_PLACE.search(said):
            fixed[urn] = found[1]
        else:
            return []
    return _told(late, fixed) if failed else []


def _told(late: Mapping[str, str], fixed: Mapping[str, str]) -> list[str]:
    pause = ROLE_PAUSE_SECONDS if late else 0
    reasons = [f"Azure does not honour a new role yet ({_listed(late)})"] if late else []
    reasons += [f"Azure does not change it in place ({_listed(fixed)}): it is deleted and made again"] if fixed else []
    return [f"{'; '.join(reasons)}. One more up{f' in {pause} s' if pause else ''}, and no third", str(pause)] + [
        f"--replace={urn}" for urn in sorted(fixed)
    ]


def _listed(found: Mapping[str, str]) -> str:
    return ", ".join(f"{code} of {short(urn)}" for urn, code in sorted(found.items()))


def _errors(events: Iterable[Mapping[str, Any]], urn: str) -> Iterator[str]:
    for event in events:
        said = event.get("diagnosticEvent") or {}
        if said.get("urn") == urn and said.get("severity") == "error":
            yield str(said.get("message", ""))


def _of_a_new_role(events: Iterable[Mapping[str, Any]], urn: str, said: str) -> re.Match[str] | None:
    signs = _WHERE_ROLES_ARE_NEW.get(urn.split("::")[-2].rpartition(":")[2])
    found = signs.search(said) if signs else None
    return found if found and any(_assigns(event) for event in events) else None


def _assigns(event: Mapping[str, Any]) -> bool:
    done = event.get("resOutputsEvent", {}).get("metadata", {})
    return done.get("op") == "create" and str(done["urn"]).split("::")[-2].endswith(":RoleAssignment")


def within(agreed: Iterable[Operation], planned: Iterable[Operation], replaced: Iterable[str]) -> bool:
    """What the first `up` has made of a resource may be less than all of it: then the rest is an update."""
    allowed = {one.urn: _MAY_BECOME.get(one.op, {one.op}) for one in agreed}
    for urn in replaced:
        allowed[urn] = {*allowed.get(urn, set()), "replace"}
    return all(one.op in allowed.get(one.urn, set()) for one in planned)


def main(arguments: Sequence[str]) -> int:
    match arguments:
        case ["why", log]:
            print("\n".join(why(events_of(Path(log)))))
            return 0
        case ["within", agreed, planned, *replaced]:
            before, after = (read_operations(Path(log).read_text()).changes for log in (agreed, planned))
            return 0 if within(before, after, replaced) else 1
    print("usage: python -m tools.second_up why EVENTS | within AGREED PLANNED [URN...]", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
