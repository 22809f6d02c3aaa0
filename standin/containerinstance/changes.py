"""What an update may not change: Azure refuses it and wants the group deleted first.

https://learn.microsoft.com/azure/container-instances/container-instances-update#properties-that-require-container-delete
Image, command, environment, probes, credentials, identity, DNS label and tags may change; the containers restart.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from standin.containerinstance.errors import InvalidContainerGroupUpdate
from standin.containerinstance.spec import Container, Group


def refuse_changes(
    old: Group, new: Group, old_properties: Mapping[str, Any], new_properties: Mapping[str, Any]
) -> None:
    """Raises for the first create-only thing that differs. Omitted counts as its default, as in Azure."""
    before = dict(_fixed(old, old_properties))
    for what, value in _fixed(new, new_properties):
        if before.get(what) != value:
            raise InvalidContainerGroupUpdate(new.name, what, before.get(what, ""), value)
    for what in before.keys() - dict(_fixed(new, new_properties)).keys():
        raise InvalidContainerGroupUpdate(new.name, what, before[what], "")


def same_containers(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether two bodies run the same: only then need nothing restart. Computed values do not count."""
    return _running_part(old) == _running_part(new)


def _fixed(group: Group, properties: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What Azure calls it -> its value as text. Secret volumes compare by the marks of their values."""
    address = properties.get("ipAddress") or {}
    yield "OsType", str(properties.get("osType"))
    yield "RestartPolicy", group.restart_policy
    yield "Sku", str(properties.get("sku", "Standard"))
    yield "Priority", str(properties.get("priority", "Regular"))
    yield "IP address type", str(address.get("type", ""))
    yield "Ports", ", ".join(sorted(port.docker for port in group.public_ports))
    yield "Containers", ", ".join(sorted(container.name for container in group.containers))
    for container in group.containers:
        yield from _fixed_of_container(container)
    yield "Volumes", _volumes(properties)
    yield "Log analytics", json.dumps(properties.get("diagnostics") or {}, sort_keys=True)


def _fixed_of_container(container: Container) -> Iterator[tuple[str, str]]:
    yield f"CPU of '{container.name}'", f"{container.cpu:g}"
    yield f"Memory of '{container.name}'", f"{container.memory_gb:g}"
    yield f"Ports of '{container.name}'", ", ".join(sorted(port.docker for port in container.ports))


def _volumes(properties: Mapping[str, Any]) -> str:
    volumes = sorted(properties.get("volumes") or [], key=lambda volume: str(volume.get("name")))
    kinds = (
        f"{volume.get('name')} (secret {_short(volume['secret'])})"
        if volume.get("secret") is not None
        else str(volume.get("name"))
        for volume in volumes
    )
    return ", ".join(kinds)


def _short(files: Mapping[str, Any]) -> str:
    """Which files, and of each so much of its mark that a changed value shows."""
    return " ".join(f"{name}:{str(files[name]['sealed'])[:8]}" for name in sorted(files))


def _running_part(body: Mapping[str, Any]) -> tuple[Any, Any]:
    properties = {
        name: value for name, value in (body.get("properties") or {}).items() if name not in ("provisioningState",)
    }
    address = {
        name: value for name, value in (properties.pop("ipAddress", None) or {}).items() if name not in ("ip", "fqdn")
    }
    return {**properties, "ipAddress": address}, sorted(
        (body.get("identity") or {}).get("userAssignedIdentities") or {}
    )
