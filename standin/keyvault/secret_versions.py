"""The versions of a secret, oldest first, in what is private of its resource."""

from __future__ import annotations

from typing import Any

from standin.core.arm import Resource


def remember(secret: Resource) -> None:
    """Writes down what the resource says now as its newest version, and gives the resource its addresses."""
    version = secret.private["version"]
    kept = secret.private.setdefault("versions", {})
    properties = secret.properties
    kept[version] = {
        "version": version,
        "value": properties["value"],
        "contentType": properties.get("contentType"),
        "attributes": dict(properties.get("attributes") or {"enabled": True}),
        "tags": dict(secret.body.get("tags") or {}),
        "created": (kept.get(version) or {}).get("created", secret.changed_at),
        "updated": secret.changed_at,
    }
    properties["attributes"] = kept[version]["attributes"]
    properties["secretUri"] = address(secret)
    properties["secretUriWithVersion"] = f"{address(secret)}/{version}"


def versions_of(secret: Resource) -> dict[str, dict[str, Any]]:
    if "versions" not in secret.private:  # written by a stand-in that knew one version only
        remember(secret)
    versions: dict[str, dict[str, Any]] = secret.private["versions"]
    return versions


def address(secret: Resource) -> str:
    vault = secret.parent_id.rsplit("/", 1)[-1].lower()
    return f"https://{vault}.vault.azure.net/secrets/{secret.name}"
