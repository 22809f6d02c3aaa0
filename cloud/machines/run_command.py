"""A script that Azure runs in a virtual machine, as root, by its agent there.

https://learn.microsoft.com/rest/api/compute/virtual-machines/run-command
Azure has no exit code for it and hands on the last 4096 bytes of what it printed: scripts print one line that says all.
"""

from __future__ import annotations

import re
from typing import Any

from cloud.arm import Arm
from cloud.errors import ServiceError
from cloud.operation import Operation

COMPUTE_VERSION = "2024-07-01"
_PAUSE_SECONDS = 5.0
_BUSY = re.compile(r"run command extension execution is in progress", re.IGNORECASE)


def power_state(arm: Arm, machine_id: str) -> str:
    """`running`, `deallocated`, `stopped`, ...; empty where Azure does not say."""
    view = arm.get(f"{machine_id}/instanceView", COMPUTE_VERSION).body or {}
    codes = [str(one.get("code", "")) for one in view.get("statuses") or ()]
    return next((code.partition("/")[2] for code in codes if code.startswith("PowerState/")), "")


def run_command(arm: Arm, operation: Operation, machine_id: str, script: str, *, busy_seconds: float = 120.0) -> str:
    """What the script printed. Waits while somebody else's runs: a machine runs one at a time."""
    body = {"commandId": "RunShellScript", "script": script.splitlines()}
    what = f"command in {machine_id.rpartition('/')[2]}"
    waited = 0.0
    while True:
        try:
            return _printed(arm.action(f"{machine_id}/runCommand", COMPUTE_VERSION, body, what), what)
        except ServiceError as error:
            if error.status != 409 or not _BUSY.search(error.message) or waited >= busy_seconds:
                raise
        operation.status(f"{what}: another one runs there")
        operation.wait(_PAUSE_SECONDS)
        waited += _PAUSE_SECONDS


def _printed(result: Any, what: str) -> str:
    """`Enable succeeded: \\n[stdout]\\n<it>\\n[stderr]\\n<it>`"""
    entries = (result or {}).get("value") or ()
    message = "".join(str(one.get("message") or "") for one in entries)
    found = re.search(r"\[stdout\]\n(.*?)\n?\[stderr\]", message, re.DOTALL)
    if found is None:
        raise ServiceError(what, 200, "", f"what it printed is not in {message[:120]!r}")
    return found[1].strip("\n")
