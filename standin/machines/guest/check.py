"""`iotedge check`: the checks of IoT Edge 1.6 that this machine can have an answer to, under their own ids.

https://github.com/Azure/iotedge/tree/main/edgelet/iotedge/src/check
https://github.com/Azure/iot-identity-service/tree/main/aziotctl/src/internal/check
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from standin.machines.guest import apply, edged, identityd, keyd, services
from standin.machines.guest.place import Place, Unanswered
from standin.machines.guest.super_config import ConfigError

Result = Literal["ok", "warning", "error"]
Finding = tuple[Result, str]
_OK: Finding = ("ok", "")


@dataclass(frozen=True)
class Check:
    id: str
    description: str
    look: Callable[[Place], Finding]


def run(place: Place, *, as_json: bool) -> int:
    """Prints what was found; 1 where anything failed, as the real one exits."""
    found = {check.id: (check, *_looked(check, place)) for check in CHECKS}
    if as_json:
        print(json.dumps({"additional_info": {}, "checks": {id: _written(one[1:]) for id, one in found.items()}}))
    else:
        for check, result, details in found.values():
            mark = {"ok": "√", "warning": "‼", "error": "×"}[result]
            print(f"{mark} {check.description} - {'OK' if result == 'ok' else result.capitalize()}")
            if details:
                print(f"    {details}")
    return int(any(result == "error" for _, result, _ in found.values()))


def _looked(check: Check, place: Place) -> Finding:
    try:
        return check.look(place)
    except OSError as error:
        return "error", str(error)


def _written(finding: Finding) -> Mapping[str, Any]:
    result, details = finding
    return {"result": {"result": result, **({"details": [details]} if details else {})}, "additional_info": None}


def _config(place: Place) -> Finding:
    try:
        apply.read(place)
    except ConfigError as error:
        return "error", str(error)
    return _OK


def _up_to_date(place: Place) -> Finding:
    written = place.path(edged.CONFIG)
    if not written.exists():
        return "error", f"{edged.CONFIG} is not there: run `iotedge config apply`"
    if written.stat().st_mtime < place.path(apply.CONFIG).stat().st_mtime:
        return "warning", f"{apply.CONFIG} was changed after the last `iotedge config apply`"
    return _OK


def _engine(place: Place) -> Finding:
    try:
        place.ask_socket(apply.DOCKER, "GET", "/version")
    except Unanswered as error:
        return "error", f"could not talk to the container engine: {error}"
    return _OK


def _daemon_json(place: Place) -> Mapping[str, Any]:
    try:
        found = json.loads(place.path("/etc/docker/daemon.json").read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _dns(place: Place) -> Finding:
    return _OK if _daemon_json(place).get("dns") else ("warning", "no dns in /etc/docker/daemon.json")


def _log_limits(place: Place) -> Finding:
    options = _daemon_json(place).get("log-opts") or {}
    lacking = [name for name in ("max-size", "max-file") if not options.get(name)]
    return ("warning", f"no {' and no '.join(lacking)} in log-opts of /etc/docker/daemon.json") if lacking else _OK


def _storage(place: Place) -> Finding:
    try:
        agent = apply.read(place).get("agent", {})
    except ConfigError:
        return "warning", "config.toml cannot be read"
    binds = agent.get("config", {}).get("createOptions", {}).get("HostConfig", {}).get("Binds", [])
    folder = agent.get("env", {}).get("storageFolder")
    kept = folder and any(str(bind).split(":")[1:2] == [folder] for bind in binds)
    return _OK if kept else ("warning", "the storage folder of edgeAgent is not bound from the machine")


def _active(daemon: services.Daemon) -> Callable[[Place], Finding]:
    def look(place: Place) -> Finding:
        state = place.systemctl("is-active", daemon.service)[1]
        woken = daemon is not services.DAEMONS[0] and state == "inactive"
        return _OK if state == "active" or woken else ("error", f"{daemon.service} is {state}")

    return look


def _key(place: Place) -> Finding:
    try:
        place.ask_socket(keyd.SOCKET, "POST", "/sign", {"key": "device-id", "text": "check"})
    except Unanswered as error:
        return "error", f"the device's key cannot be used: {error}"
    return _OK


def _hub(place: Place) -> Finding:
    try:
        place.ask_socket(identityd.SOCKET, "GET", "/identities/device")
    except Unanswered as error:
        return "error", str(error)
    return _OK


CHECKS = (
    Check("aziot-edged-config-well-formed", "aziot-edged configuration is well-formed", _config),
    Check("config-up-to-date", "configuration up-to-date with config.toml", _up_to_date),
    Check("container-engine-uri", "container engine is installed and functional", _engine),
    Check("container-engine-dns", "DNS server", _dns),
    Check("container-engine-logrotate", "production readiness: logs policy", _log_limits),
    Check(
        "edge-agent-storage-mounted-from-host",
        "production readiness: Edge Agent's storage directory is persisted on the host filesystem",
        _storage,
    ),
    *(Check(f"{one.name}-running", f"{one.name} is running", _active(one)) for one in services.DAEMONS),
    Check("key-pairs-read", "the device's key can be used", _key),
    Check("host-connect-iothub-https", "host can connect to IoT Hub and is let in", _hub),
)  # fmt: skip
