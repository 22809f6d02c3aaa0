"""What Azure tells of a machine as it is now: powered or not, its agent, its disk.

https://learn.microsoft.com/azure/virtual-machines/states-billing
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from standin.compute.images import Image

Power = Literal["running", "stopped", "deallocated"]

_AGENT = "2.15.0.1"


def instance_view(
    *, power: Power, computer: str, image: Image | None, disk: str, since: str, failed: bool, boot_diagnostics: bool
) -> dict[str, Any]:
    """`since`: when it was made or last changed."""
    provisioned = _status("ProvisioningState/failed" if failed else "ProvisioningState/succeeded", since)
    view: dict[str, Any] = {
        "vmAgent": _agent(since) if power == "running" else _NO_AGENT,
        "disks": [{"name": disk, "statuses": [_status("ProvisioningState/succeeded", since)]}],
        "statuses": [provisioned, {**_status(f"PowerState/{power}"), "displayStatus": f"VM {power}"}],
    }
    if image is not None:
        view |= {"hyperVGeneration": image.generation}
        if power == "running":
            view |= {"computerName": computer, "osName": image.system, "osVersion": image.release}
    return {**view, "bootDiagnostics": {}} if boot_diagnostics else view


def _agent(since: str) -> dict[str, Any]:
    told = {"displayStatus": "Ready", "message": "Guest Agent is running"}
    return {
        "vmAgentVersion": _AGENT,
        "statuses": [{**_status("ProvisioningState/succeeded", since), **told}],
        "extensionHandlers": [],
    }


_NO_AGENT: Mapping[str, Any] = {
    "vmAgentVersion": "Unknown",
    "statuses": [
        {
            "code": "ProvisioningState/Unavailable",
            "level": "Warning",
            "displayStatus": "Not Ready",
            "message": "VM status blob is found but not yet populated.",
        }
    ],
}


def _status(code: str, since: str | None = None) -> dict[str, Any]:
    failed = code.endswith("failed")
    told = {
        "code": code,
        "level": "Error" if failed else "Info",
        "displayStatus": "Provisioning failed" if failed else "Provisioning succeeded",
    }
    return {**told, "time": since} if since else told
