"""Says in one line of JSON how the machine that it runs on is, as an IoT Edge device.

This file goes to the machine as it stands, by Azure's run-command, and knows nothing but the system's own Python. Of
what a command prints there Azure hands on the last 4096 bytes, so it says what is wrong, and of what is well how much.
It changes nothing, takes no arguments, and says nothing of the key but 8 digits of its digest.

https://learn.microsoft.com/azure/virtual-machines/linux/run-command
https://learn.microsoft.com/azure/iot-edge/troubleshoot#run-the-check-command
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

SETTINGS, APPLIED = Path("/etc/edgeway/machine.json"), Path("/var/lib/edgeway/applied")
UNITS = (
    "docker", "aziot-keyd", "aziot-certd", "aziot-identityd", "aziot-edged", "edgeway-provision",
    "edgeway-provision.timer",
)  # fmt: skip
_DISKS = ("/", "/var/lib/docker")
_MOST_BYTES = 3500
_CHECK_SECONDS, _SECONDS = 120.0, 20.0


def main() -> None:
    print(fitting(report()), flush=True)


def report() -> dict[str, Any]:
    return {
        "units": {unit: _state(unit) for unit in UNITS},
        "said": _last_words(),
        "cloudInit": _first_word(_output("cloud-init", "status"), "status:"),
        "key": _key(),
        "disks": {path: _percent(path) for path in _DISKS if Path(path).is_dir()},
        "modules": _modules(),
        "check": _check(),
        **_gpus(),
    }


def fitting(found: dict[str, Any]) -> str:
    """Without what is left over of the details, where all of them are too much."""
    for longest in (300, 120, 60, 0):
        check = dict(found["check"])
        check["wrong"] = [[name, result, said[:longest]] for name, result, said in check.get("wrong", [])]
        text = json.dumps({**found, "check": check}, separators=(",", ":"))
        if len(text.encode()) <= _MOST_BYTES:
            return text
    return json.dumps({**found, "check": {"wrong": [["(too many to tell)", "error", ""]], "well": 0}, "modules": {}})


def _state(unit: str) -> str:
    """`active`, `inactive`, `activating`, `failed`; `unknown` where there is no such unit."""
    told = _output("systemctl", "show", unit, "-p", "ActiveState", "-p", "LoadState")
    states = dict(line.partition("=")[::2] for line in told.splitlines())
    return "unknown" if states.get("LoadState") != "loaded" else states.get("ActiveState", "unknown")


def _last_words() -> str:
    """What the machine's own program printed last."""
    told = _output("journalctl", "-u", "edgeway-provision", "-o", "cat", "-n", "40", "--no-pager")
    return next((line for line in reversed(told.splitlines()) if line.startswith("edgeway: ")), "")[:300]


def _key() -> str:
    """Of the key that the daemons run with."""
    words = APPLIED.read_text(encoding="utf-8").split() if APPLIED.exists() else []
    return words[1][:8] if len(words) == 2 else ""


def _percent(path: str) -> int:
    disk = shutil.disk_usage(path)
    return round(100 * disk.used / max(disk.used + disk.free, 1))


def _modules() -> dict[str, str]:
    """Name to state, from columns that are two spaces or more apart."""
    rows = [line.split() for line in _output("iotedge", "list").splitlines()[1:]]
    return {row[0][:60]: row[1] for row in rows if len(row) > 1}


def _gpus() -> dict[str, list[str]]:
    """As its driver sees them, of a machine that is to have some."""
    wanted = SETTINGS.exists() and json.loads(SETTINGS.read_text(encoding="utf-8")).get("gpu")
    return {"gpus": [line[:60] for line in _output("nvidia-smi", "-L").splitlines()]} if wanted else {}


def _check() -> dict[str, Any]:
    told = _output("iotedge", "check", "-o", "json", seconds=_CHECK_SECONDS)
    try:
        results = {name: _result(entry) for name, entry in json.loads(told)["checks"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {"well": 0, "wrong": [["iotedge check", "error", "it gave no answer"]]}
    wrong = [[name, result, said] for name, (result, said) in results.items() if result not in ("ok", "ignored")]
    # what was skipped was skipped for something that is told
    told_of = [one for one in wrong if one[1] != "skipped"]
    return {"well": sum(result == "ok" for result, _ in results.values()), "wrong": told_of or wrong}


def _result(entry: dict[str, Any]) -> tuple[str, str]:
    told = entry["result"] if isinstance(entry.get("result"), dict) else entry
    return str(told.get("result")), " ".join(" ".join(map(str, told.get("details") or ())).split())


def _first_word(told: str, after: str) -> str:
    words = next((line.removeprefix(after).split() for line in told.splitlines() if line.startswith(after)), [])
    return words[0] if words else ""


def _output(*command: str, seconds: float = _SECONDS) -> str:
    """Empty where it cannot be run, or does not end."""
    try:
        return subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=seconds, stdin=subprocess.DEVNULL
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""


if __name__ == "__main__":
    main()
