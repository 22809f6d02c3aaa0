"""`edgeway leftovers`: proves that a destroyed stack left nothing: no resource, soft-deleted ones included; of a local
stack, no container, network or volume either. There the stand-in itself is asked, and Docker by label; else Azure."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from cli.arguments import add_stack
from cli.command import Command
from cli.errors import Failed, Refused, Unreached
from cli.screen import columns, wrapped
from cli.stack.environment import standin_state
from cli.stack.file import LOCAL
from cloud.wording import counted, one_line
from contracts.names import LABEL_IMAGE, LABEL_STANDIN

_TIMEOUT_SECONDS = 30


def _options(parser: argparse.ArgumentParser) -> None:
    add_stack(parser)
    parser.add_argument("--json", action="store_true")


def run(arguments: argparse.Namespace) -> int:
    return _local(as_json=arguments.json) if arguments.stack == LOCAL else _azure(arguments.stack, arguments.json)


def _azure(stack: str, as_json: bool) -> int:
    from cli.azure import words
    from cli.left_in_azure import KINDS, left_of, of_their_group
    from cli.needs.azure import place_of
    from cloud.errors import ServiceError

    place = place_of(stack)
    if place is None:
        raise Refused("no subscription is known: sign in first (docs/azure.md)")
    try:
        left, stays = left_of(place, stack), of_their_group(place)
    except ServiceError as error:
        raise Failed(f"{error.what}: {words(error)}") from error
    if as_json:
        print(json.dumps({"left": left.found, "unseen": left.unseen}, indent=2))
        return 1 if left.found else 0
    rows = [f"?  {kind}: cannot be seen: {why}" for kind, why in left.unseen.items()]
    if not left.found:
        seen = "nothing else is left" if left.unseen else "nothing is left"
        rows.append(f"{seen}: no {', no '.join(kind for kind in KINDS if kind not in left.unseen)}")
    for row in rows:
        print("\n".join(wrapped(row, columns())))
    if left.found:
        _tell(left.found)
    if stays:
        print(stays)
    return 0


def _tell(left: Mapping[str, Sequence[str]]) -> NoReturn:
    print("\n".join(f"{kind}  {name}" for kind, names in sorted(left.items()) for name in sorted(names)))
    counts = ", ".join(f"{len(names)} of {kind}" for kind, names in sorted(left.items()))
    raise Failed(f"left behind: {counts}")


def _local(*, as_json: bool) -> int:
    health = ask("health")
    alive, others = of_stack(flat(ask("resources")), own_group(str(health.get("subscriptionId", ""))))
    left = {kind: names for kind, names in {**alive, **in_docker(str(health["instance"]))}.items() if names}
    if as_json:
        print(json.dumps(left, indent=2))
    elif not left:
        print("nothing is left: no resource, container, network or volume")
        if images := images_kept():
            kept = counted(images, "image")
            print(f"{kept} kept for the next `make up`, of other clones too; `make clean` removes this clone's")
    if others and not as_json:
        print("\n".join(wrapped(f"not of this stack, and left alone: {', '.join(others)}", columns())))
    if left and not as_json:
        _tell(left)
    return 1 if left else 0


def own_group(subscription: str) -> str:
    """Id of the stack's resource group in the stand-in."""
    from cli.stack.names import stack_names

    return f"/subscriptions/{subscription}/resourceGroups/{stack_names(LOCAL, subscription).resource_group}"


def of_stack(alive: Mapping[str, Sequence[str]], group: str) -> tuple[dict[str, list[str]], list[str]]:
    """Apart: ids in other resource groups, which somebody else made in the same stand-in (soft-deleted vaults, say)."""
    start = group.rpartition("/")[0].lower() + "/"
    own = group.lower()
    others = {
        name
        for names in alive.values()
        for name in names
        if name.lower().startswith(start) and name.lower() != own and not name.lower().startswith(own + "/")
    }
    return {kind: [name for name in names if name not in others] for kind, names in alive.items()}, sorted(others)


def flat(alive: Any) -> dict[str, list[str]]:
    """The stand-in's inventory: kind -> names, one level of nesting opened."""
    names_of: dict[str, list[str]] = {}
    for kind, value in alive.items():
        entries = value.items() if isinstance(value, dict) else [("", value)]
        for inner, names in entries:
            if isinstance(names, list):
                names_of[f"{kind} {inner}".strip()] = [str(name) for name in names]
    return names_of


def in_docker(instance: str) -> dict[str, list[str]]:
    import docker
    from docker.errors import DockerException

    label: dict[str, str | list[str] | bool] = {"label": f"{LABEL_STANDIN}={instance}"}
    try:
        client = docker.from_env(timeout=_TIMEOUT_SECONDS)
        return {
            "containers": [
                str(container.name)
                for container in client.containers.list(all=True, filters=label, ignore_removed=True)
            ],
            "networks": [str(network.name) for network in client.networks.list(filters=label)],
            "volumes": [str(volume.name) for volume in client.volumes.list(filters=label)],
        }
    except DockerException as error:
        raise Unreached(f"the Docker engine does not answer: {one_line(str(error), 300)}") from error


def images_kept() -> int:
    """Built by a clone on this machine."""
    import docker
    from docker.errors import DockerException

    try:
        return len(docker.from_env(timeout=_TIMEOUT_SECONDS).images.list(filters={"label": LABEL_IMAGE}))
    except DockerException:
        return 0  # it answered a moment ago, and this is only for information


def ask(what: str) -> Any:
    """`what` of the stand-in's own control address. Raises Refused where it does not run."""
    import urllib.error
    import urllib.request

    file = standin_state() / "ports.json"
    try:
        port = json.loads(file.read_text(encoding="utf-8"))["plain"]
    except (OSError, ValueError, KeyError) as error:
        raise Refused(f"the stand-in does not run ({file} has no port)") from error
    # this machine is not behind its user's proxy, whatever NO_PROXY says
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"http://127.0.0.1:{port}/_standin/{what}", timeout=_TIMEOUT_SECONDS) as answer:
            return json.loads(answer.read())
    except urllib.error.URLError as error:
        if isinstance(error.reason, ConnectionRefusedError):
            raise Refused(
                "the stand-in does not run: `make up` starts it, and `make down` has asked before it ended"
            ) from error
        raise Unreached(f"the stand-in does not answer at port {port}: {error.reason}") from error
    except OSError as error:
        raise Unreached(f"the stand-in does not answer at port {port}: {error}") from error


COMMAND = Command(
    name="leftovers",
    help="what a destroyed stack left behind",
    description="Exits with 1 and lists what is left: Azure resources, soft-deleted ones too, and what a local stack "
    "has in Docker. What may not be looked at is marked `?`.",
    add_options=_options,
    run=run,
)
