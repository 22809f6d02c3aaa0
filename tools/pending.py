"""What a run of the engine left open: it died, or Azure's answer to a create never came (lost, or not waited for).

    python -m tools.pending told            a line each: `updating Image anomaly`, of a `pulumi stack export` on stdin
    python -m tools.pending take-up [LOG]   the state, with what was being made of Azure's among its resources, marked,
                                            and by the id that it has if it was made: a refresh looks at it, takes the
                                            mark away, and drops what is not there. LOG: the events of an `up` that
                                            failed; exits with 3 where Azure has answered all of it
    python -m tools.pending ours TAKEN_UP   the state after that refresh, without what somebody else has made, which is
                                            named on stderr; exits with 3 where there is nothing of others

A refresh by itself can only forget what was being made, as it has no id to ask for; of a create that failed the engine
keeps nothing at all; and azure-native refuses to make what is there: "cannot create already existing resource".
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.engine.events import events_of, short

Deployment = Mapping[str, Any]
MARK = "edgeway: Azure was asked to make this, and what it answered is not known"
"""Among a resource's initErrors: the engine does not take such a one for made, and a refresh takes this away."""
_CREATES = {"create", "create-replacement"}
# As azure-native tells them: a refusal, by its status (408 and 429 do not say what was done), or its own look before.
_ANSWER = re.compile(r"Status=4(?!08|29)\d\d\b|cannot create already existing resource")
_SIGNATURE = "4dabf18193072939515e22adb298388d"
"""Of a special value: https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/sig/sig.go"""
_AS_IT_IS = 3
"""The exit code where the state has to be put nowhere."""
_SUBSCRIPTION = re.compile(r"^/subscriptions/([0-9a-fA-F-]{36})(/|$)")


def told(deployment: Deployment) -> Iterator[str]:
    for operation in deployment.get("pending_operations") or ():
        yield f"{operation['type']} {short(operation['resource']['urn'])}"
    for row in marked(deployment):
        yield f"creating {short(row['urn'])}"


def marked(deployment: Deployment) -> Iterator[dict[str, Any]]:
    return (row for row in _resources(deployment) if MARK in (row.get("initErrors") or ()))


def taken_up(
    deployment: Deployment, environment: Mapping[str, str], unanswered: Iterable[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Of our own types a create finds what is there: of those, and of the rest, nothing is pending any more."""
    begun = [one["resource"] for one in deployment.get("pending_operations") or () if one["type"] == "creating"]
    made = {one["urn"]: one for one in _made(deployment, [*begun, *unanswered], environment)}
    # of what is replaced the engine keeps a placeholder until the new one is made: that stands where others expect it
    rows = [made.pop(row["urn"], row) if row.get("pendingReplacement") else row for row in _resources(deployment)]
    return {**deployment, "resources": [*rows, *made.values()], "pending_operations": []}


def unanswered(events: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """The creates of azure-native's that failed, and not by Azure's word: it may have made them all the same."""
    events = list(events)
    for event in events:
        step = (event.get("resOpFailedEvent") or {}).get("metadata") or {}
        if step.get("op") in _CREATES and not _is_answered(events, step["urn"]):
            new = {key: value for key, value in step["new"].items() if key not in ("id", "outputs")}
            # as the engine writes them into its log, secrets cannot be read; the next `up` puts them in again
            yield {**new, "inputs": _without_secrets(new["inputs"])}


def _is_answered(events: Iterable[Mapping[str, Any]], urn: str) -> bool:
    return any(
        _ANSWER.search(said.get("message", ""))
        for event in events
        if (said := event.get("diagnosticEvent") or {}).get("urn") == urn and said.get("severity") == "error"
    )


def _without_secrets(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_secrets(one) for one in value if not _is_secret(one)]
    if isinstance(value, dict):
        return {key: _without_secrets(one) for key, one in value.items() if not _is_secret(one)}
    return value


def _is_secret(value: Any) -> bool:
    return value == "[secret]" or (isinstance(value, dict) and _SIGNATURE in value)


def ours(deployment: Deployment, before: Deployment) -> tuple[dict[str, Any], list[str]]:
    """The deployment after the refresh, and what was taken out of it: what is there has not the tags that were sent."""
    sent = {row["urn"]: row["inputs"].get("tags") or {} for row in marked(before)}
    others = [
        row["urn"]
        for row in _resources(deployment)
        if not sent.get(row["urn"], {}).items() <= (row.get("outputs", {}).get("tags") or {}).items()
    ]
    rows = [row for row in _resources(deployment) if row["urn"] not in others]
    return {**deployment, "resources": rows}, others


def _resources(deployment: Deployment) -> Sequence[dict[str, Any]]:
    return deployment.get("resources") or ()


def _made(
    deployment: Deployment, begun: Iterable[Mapping[str, Any]], environment: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    from dryrun.computed import azure_token
    from standin.plugin.kinds import BY_TOKEN

    subscription = _subscription(deployment, environment)
    known = {row["urn"] for row in _resources(deployment) if not row.get("pendingReplacement")}
    for resource in begun:
        kind = BY_TOKEN.get(azure_token(resource["type"]))
        if kind is not None and subscription and resource["urn"] not in known:
            id = kind.id(subscription, resource["inputs"])
            yield {**resource, "id": id, "outputs": {}, "initErrors": [MARK]}


def _subscription(deployment: Deployment, environment: Mapping[str, str]) -> str:
    """Of what is made already; of the very first resource there is nothing but what the user has set."""
    for resource in _resources(deployment):
        if found := _SUBSCRIPTION.match(str(resource.get("id", ""))):
            return found[1]
    return environment.get("ARM_SUBSCRIPTION_ID") or environment.get("AZURE_SUBSCRIPTION_ID") or ""


def main(arguments: Sequence[str]) -> int:
    match arguments:
        case ["told"]:
            sys.stdout.writelines(f"{line}\n" for line in told(json.load(sys.stdin)["deployment"]))
        case ["take-up"]:
            state = json.load(sys.stdin)
            json.dump({**state, "deployment": taken_up(state["deployment"], os.environ)}, sys.stdout)
        case ["take-up", log]:
            return _take_up_unanswered(json.load(sys.stdin), Path(log))
        case ["ours", before]:
            state = json.load(sys.stdin)
            deployment, others = ours(state["deployment"], json.loads(Path(before).read_text())["deployment"])
            for urn in others:
                print(
                    f"not ours: {short(urn)} is there, and without the tags that this stack gives it", file=sys.stderr
                )
            json.dump({**state, "deployment": deployment}, sys.stdout)
            return 0 if others else _AS_IT_IS
        case _:
            print("usage: python -m tools.pending told | take-up [LOG] | ours TAKEN_UP, < STATE", file=sys.stderr)
            return 2
    return 0


def _take_up_unanswered(state: Mapping[str, Any], log: Path) -> int:
    deployment = taken_up(state["deployment"], os.environ, unanswered(events_of(log)))
    json.dump({**state, "deployment": deployment}, sys.stdout)
    return 0 if any(marked(deployment)) else _AS_IT_IS


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
