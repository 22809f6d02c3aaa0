"""Names the soft-deleting resources of a `pulumi stack export` that no Purge in it would remove for good."""

from __future__ import annotations

import json
import sys

SOFT_DELETING = ("keyvault:Vault", "machinelearningservices:Workspace", "operationalinsights:Workspace")
PURGE = "mledge:azure:Purge"


def main() -> None:
    resources = json.load(sys.stdin)["deployment"].get("resources", [])
    purged = {resource["inputs"]["resourceId"].lower() for resource in resources if resource["type"] == PURGE}
    print(" ".join(r["id"] for r in resources if soft_deleting(r["type"]) and r["id"].lower() not in purged))


def soft_deleting(kind: str) -> bool:
    package, _, rest = kind.partition(":")
    module, _, name = rest.partition(":")
    return package == "azure-native" and f"{module.split('/')[0]}:{name}" in SOFT_DELETING


if __name__ == "__main__":
    main()
