"""What was under way when a run of the engine died, as a `pulumi stack export` on stdin says it.

    python -m tools.pending told      a line each: `updating Image anomaly`
    python -m tools.pending take-up   the state, with what was being made of Azure's among its resources, by the id
                                      that it has if it was made: a refresh looks at it, and drops what is not there

A refresh by itself can only forget what was being made, as it has no id to ask for; and azure-native refuses to make
what is there: "cannot create already existing resource".
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Deployment = Mapping[str, Any]
_SUBSCRIPTION = re.compile(r"^/subscriptions/([0-9a-fA-F-]{36})(/|$)")


def told(deployment: Deployment) -> Iterator[str]:
    for operation in deployment.get("pending_operations") or ():
        kind, name = operation["resource"]["urn"].split("::")[-2:]
        yield f"{operation['type']} {kind.rpartition(':')[2]} {name}"


def taken_up(deployment: Deployment, environment: Mapping[str, str]) -> dict[str, Any]:
    """Of our own types a create finds what is there: of those, and of the rest, nothing is pending any more."""
    made = {one["urn"]: one for one in _made(deployment, environment)}
    # of what is replaced the engine keeps a placeholder until the new one is made: that stands where others expect it
    rows = [made.pop(row["urn"], row) if row.get("pendingReplacement") else row for row in _resources(deployment)]
    return {**deployment, "resources": [*rows, *made.values()], "pending_operations": []}


def _resources(deployment: Deployment) -> Sequence[dict[str, Any]]:
    return deployment.get("resources") or ()


def _made(deployment: Deployment, environment: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    from dryrun.computed import azure_token
    from standin.plugin.kinds import BY_TOKEN

    subscription = _subscription(deployment, environment)
    known = {row["urn"] for row in _resources(deployment) if not row.get("pendingReplacement")}
    for operation in deployment.get("pending_operations") or ():
        resource = operation["resource"]
        kind = BY_TOKEN.get(azure_token(resource["type"]))
        if operation["type"] == "creating" and kind is not None and subscription and resource["urn"] not in known:
            yield {**resource, "id": kind.id(subscription, resource["inputs"]), "outputs": {}}


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
        case _:
            print("usage: python -m tools.pending told|take-up < STATE", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
