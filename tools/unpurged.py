"""Names the soft-deleting resources of a `pulumi stack export` that no Purge in it would remove for good.

A line each: the URN of the Purge that is missing, and the id of the resource.
"""

from __future__ import annotations

import json
import sys

SOFT_DELETING = (
    "keyvault:Vault",
    "machinelearningservices:Workspace",
    # not deleted softly, but with its machines only where its delete says so
    "machinelearningservices:Compute",
    "operationalinsights:Workspace",
)
PURGE = "mledge:azure:Purge"


def main() -> None:
    resources = json.load(sys.stdin)["deployment"].get("resources", [])
    purged = {resource["inputs"]["resourceId"].lower() for resource in resources if resource["type"] == PURGE}
    for resource in resources:
        if soft_deleting(resource["type"]) and resource["id"].lower() not in purged:
            print(purge_of(resource["urn"]), resource["id"])


def soft_deleting(kind: str) -> bool:
    package, _, rest = kind.partition(":")
    module, _, name = rest.partition(":")
    return package == "azure-native" and f"{module.split('/')[0]}:{name}" in SOFT_DELETING


def purge_of(urn: str) -> str:
    """It has the resource's name and parent; a test holds the program to that."""
    stack, project, kind, name = urn.removeprefix("urn:pulumi:").split("::", 3)
    parents = kind.rpartition("$")[0]
    return f"urn:pulumi:{stack}::{project}::{parents}${PURGE}::{name}"


if __name__ == "__main__":
    main()
