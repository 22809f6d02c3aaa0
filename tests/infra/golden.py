"""The resources of a stack as a list that a reviewer can read: `golden/<stack>.txt`.

python -m tests.infra.golden        writes them anew; read the diff before you commit it
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dryrun import KUBERNETES_STACK, MACHINE_STACK, ONLINE_STACK, make_clone, run_program, stack_config

FOLDER = Path(__file__).parent / "golden"
GOLDEN_STACKS = ("dev", "prod", ONLINE_STACK, KUBERNETES_STACK, MACHINE_STACK)
_NAMES = (
    "roleAssignmentName", "scopeMapName", "tokenName", "containerGroupName", "accountName", "vaultName",
    "endpointName", "computeName", "extensionName", "workspaceName", "eventHubEndpointName",
    "runCommandName", "vmName", "networkInterfaceName", "virtualNetworkName", "networkSecurityGroupName",
    "natGatewayName", "publicIpAddressName",
    "resourceName", "registryName", "deviceId",
    "repository", "name", "resourceGroupName",
)  # fmt: skip
_SHOWN = ("sku.name", "sku.capacity", "scope", "kind", "priority", "targetCondition")


def render(plan: Mapping[str, Any]) -> str:
    resources = plan["resources"]
    lines = list(_children(resources, "", ""))
    custom = sum(resource["custom"] for resource in resources)
    return "\n".join([f"{custom} resources in {len(resources) - custom} components", "", *lines, ""])


def _children(resources: list[dict[str, Any]], parent: str, indent: str) -> Iterator[str]:
    for one in sorted(
        (one for one in resources if one["parent"] == parent), key=lambda one: (one["type"], one["name"])
    ):
        yield f"{indent}{one['type']} {one['name']}{_values(one)}"
        options = {key: value for key, value in one["options"].items() if key not in ("aliases", "version")}
        for key, value in sorted(options.items()):
            yield f"{indent}    {key}: {', '.join(value) if isinstance(value, list) else str(value).lower()}"
        if one["secrets"]:
            yield f"{indent}    secret inputs: {', '.join(sorted(one['secrets']))}"
        if one["depends_on"]:
            yield f"{indent}    after: {', '.join(one['depends_on'])}"
        yield from _children(resources, f"{one['type']} {one['name']}", indent + "  ")


def _values(resource: Mapping[str, Any]) -> str:
    inputs = resource["inputs"]
    name = next((inputs[key] for key in _NAMES if key in inputs), None)
    shown = {path: value for path in _SHOWN if (value := _at(inputs, path)) is not None}
    numbers = {path: f"{value:g}" if isinstance(value, float) else value for path, value in shown.items()}
    text = "".join(f" {path}={value}" for path, value in numbers.items())
    return (f" = {name}" if name is not None else "") + (f" ({text.strip()})" if text else "")


def _at(inputs: Any, path: str) -> Any:
    for part in path.split("."):
        inputs = inputs.get(part) if isinstance(inputs, Mapping) else None
    return inputs


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        clone = make_clone(Path(folder) / "clone")
        for stack in GOLDEN_STACKS:
            plan = run_program(clone, stack, "preview", stack_config(stack))
            (FOLDER / f"{stack}.txt").write_text(render(plan), encoding="utf-8")
            sys.stdout.write(f"wrote {FOLDER / stack}.txt\n")


if __name__ == "__main__":
    main()
