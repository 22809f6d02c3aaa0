"""`edgeway endpoint show`: the deployments behind an online endpoint, and which of them serve."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from typing import Any

from cli.arguments import add_stack
from cli.command import Command
from cli.screen import columns, wrapped
from cli.stack.outputs import outputs


def _options(parser: argparse.ArgumentParser) -> None:
    add_stack(parser)
    parser.add_argument("--model", metavar="NAME", help="which endpoint, where the stack has several")
    parser.add_argument("--json", action="store_true")


def run(arguments: argparse.Namespace) -> int:
    from cli.azure import answers
    from cli.online import ARM_NAME, endpoint_of
    from cloud.azureml.online_endpoint import traffic_of

    stack = outputs(arguments.stack)
    name, endpoint = endpoint_of(stack, arguments.model)
    with answers(ARM_NAME, f"endpoint {endpoint.name}"):
        body, deployments = endpoint.body(), endpoint.deployments()
    shares, own = traffic_of(body), str(stack["scoring"][name].get("deployment"))
    told = [_told(one, shares.get(known, 0), own) for known, one in sorted(deployments.items())]
    as_wanted = shares == {own: 100}
    if arguments.json:
        url = (body.get("properties") or {}).get("scoringUri")
        print(json.dumps({"endpoint": endpoint.name, "url": url, "asWanted": as_wanted, "deployments": told}, indent=2))
    else:
        print("\n".join(row for line in _lines(endpoint.name, body, told) for row in wrapped(line, columns())))
        if not as_wanted:
            print(f"the stack wants {own} alone to serve: `make up STACK={stack.stack}` puts that right")
    return 0 if as_wanted else 1


def _told(deployment: Mapping[str, Any], share: int, own: str) -> dict[str, Any]:
    properties = deployment.get("properties") or {}
    return {
        "name": deployment["name"],
        "share": share,
        "state": properties.get("provisioningState"),
        "instances": (deployment.get("sku") or {}).get("capacity"),
        "instanceType": properties.get("instanceType"),
        **_replica(properties),
        "model": _short(properties.get("model")),
        "environment": _short(properties.get("environmentId")),
        "ofTheStack": deployment["name"] == own,
    }


def _lines(name: str, body: Mapping[str, Any], told: list[dict[str, Any]]) -> list[str]:
    properties = body.get("properties") or {}
    head = f"{name}: {properties.get('provisioningState')}, {properties.get('scoringUri')}"
    return [head, *(_line(one) for one in told)] if told else [head, "  no deployment"]


def _line(one: Mapping[str, Any]) -> str:
    machines = f"{one['instances']} x {_each(one)}"
    return (
        f"  {one['share']:3} %  {one['name']}  {one['state']}, {machines}, model {one['model']}, {one['environment']}"
    )


def _replica(properties: Mapping[str, Any]) -> dict[str, Any]:
    """What each has in Kubernetes, where no machine is its own."""
    asked = (properties.get("containerResourceRequirements") or {}).get("containerResourceRequests") or {}
    return {"cpu": asked.get("cpu"), "memory": asked.get("memory")} if asked else {}


def _each(one: Mapping[str, Any]) -> str:
    return (
        f"{one['cpu']} CPU and {one['memory']} of {one['instanceType']}" if "cpu" in one else str(one["instanceType"])
    )


def _short(asset: object) -> str:
    """`anomaly:4f2a...` of a version's resource id."""
    parts = str(asset or "").split("/")
    return f"{parts[-3]}:{parts[-1]}" if len(parts) > 3 and parts[-2] == "versions" else str(asset or "none")


COMMAND = Command(
    name="show",
    help="the deployments behind an online endpoint, and who serves",
    description="Asks Azure for the endpoint: each deployment with its share of the traffic, state, machines, model "
    "and environment. Exit code 1 where another one than the stack's serves.",
    add_options=_options,
    run=run,
)
