"""What an `up` would send to Azure, as JSON: `python -m dryrun.bodies`, for a first contact with it.

On stdin {"stack", "config", "subscription", "tenant", "principal", "idtyp"}, where `config` is what lies under
`config:` of a stack file; on stdout {"planned": [...]}, or {"refused": "..."} where the program refuses that.
Bodies come from the program itself, run without an engine, and from the table by which Microsoft's models read them
back (tests/infra/test_bodies.py). Secrets in them are stand-ins: nothing is made.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clone.root import ROOT
from dryrun.clone import engine_config
from dryrun.computed import Client, azure_token
from dryrun.program import run
from standin.plugin import mapping
from standin.plugin.kinds import BY_TOKEN


def main() -> None:
    given = json.load(sys.stdin)
    client = Client(
        subscription_id=given["subscription"],
        tenant_id=given["tenant"],
        object_id=given["principal"],
        idtyp=given["idtyp"],
    )
    sys.stdout.write(
        json.dumps(bodies(given["stack"], given["config"], client, Path(given.get("clone") or ROOT)), sort_keys=True)
    )


def bodies(stack: str, config: Mapping[str, Any], client: Client, clone: Path) -> dict[str, Any]:
    """`planned`: of each resource token, logical name and inputs; of one of Azure's also id, api version and body."""
    plan = run(stack, "up", clone, engine_config(config), client)
    if "refused" in plan:
        return {"refused": plan["refused"]}
    return {"planned": [_planned(one, client) for one in plan["resources"] if one["custom"]]}


def _planned(one: Mapping[str, Any], client: Client) -> dict[str, Any]:
    described = {"type": one["type"], "token": one["type"], "name": one["name"], "inputs": whole(one["inputs"])}
    if not one["type"].startswith("azure-native:"):
        return described
    token = azure_token(one["type"])
    kind = BY_TOKEN[token]
    return {
        **described,
        "type": token,
        "id": kind.id(client.subscription_id, one["inputs"]),
        "apiVersion": _api_version(one["type"], token),
        "body": whole(mapping.body(token, one["inputs"], kind.params)),
    }


def whole(value: Any) -> Any:
    """Whole numbers as Go writes them: the engine's are all floats, and `2.0` goes out as `2`."""
    if isinstance(value, Mapping):
        return {key: whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _api_version(type_token: str, token: str) -> str:
    """That of the token where it names one (`.../v20260201:Vault`), else the SDK's own."""
    pinned = re.search(r"/v(\d{4})(\d{2})(\d{2})(\w*):", type_token)
    if pinned is None:
        return mapping.api_version(token)
    year, month, day, rest = pinned.groups()
    return f"{year}-{month}-{day}" + (f"-{rest}" if rest else "")


if __name__ == "__main__":
    main()
