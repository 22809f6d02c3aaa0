"""The daemons of an IoT Edge device as systemd runs them.

https://github.com/Azure/iot-identity-service/blob/main/aziotctl/aziotctl-common/src/system/
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass

from standin.machines.guest.place import Place

KEYS_USER = "aziotks"


@dataclass(frozen=True)
class Daemon:
    name: str
    user: str
    sockets: tuple[str, ...]

    @property
    def service(self) -> str:
        return f"aziot-{self.name}.service"


DAEMONS = (
    Daemon("edged", "iotedge", ("aziot-edged.mgmt.socket", "aziot-edged.workload.socket")),
    Daemon("identityd", "aziotid", ("aziot-identityd.socket",)),
    Daemon("keyd", KEYS_USER, ("aziot-keyd.socket",)),
    Daemon("certd", "aziotcs", ("aziot-certd.socket",)),
    Daemon("tpmd", "aziottpm", ("aziot-tpmd.socket",)),
)
"""The first is the one that is started; it wakes the others through their sockets."""
CONFIGURED = DAEMONS


def restart(place: Place) -> None:
    """Says what did not start, and returns all the same: the real one exits with 0."""
    stop(place)
    for unit in [*(socket for daemon in DAEMONS for socket in daemon.sockets), DAEMONS[0].service]:
        code, output = place.systemctl("start", unit)
        print(f"Starting {unit}..." + ("Started!" if code == 0 else f"\n{output}"), flush=True)


def stop(place: Place) -> None:
    for daemon in DAEMONS:
        code, output = place.systemctl("stop", daemon.service)
        print(f"Stopping {daemon.service}..." + ("Stopped!" if code == 0 else f"\n{output}"), flush=True)


def status(place: Place) -> None:
    """Returns whatever it prints, as the real one does: `systemctl is-active` is what a script asks."""
    print("System services:")
    bad = []
    for daemon in DAEMONS:
        state = _state(place, daemon)
        print(f"    {'aziot-' + daemon.name:24}{state}")
        if state.startswith("Down"):
            bad.append(daemon)
    for daemon in bad:
        print(f"\naziot-{daemon.name} is in a bad state because:", flush=True)
        subprocess.run(["journalctl", "-u", daemon.service, "--no-pager", "-e", "-n", "10"], check=False)
    print("\nUse 'iotedge system logs' to check for non-fatal errors.")
    print("Use 'iotedge check' to diagnose connectivity and configuration issues.")


def _state(place: Place, daemon: Daemon) -> str:
    state = place.systemctl("is-active", daemon.service)[1]
    if state == "active":
        lost = [socket for socket in daemon.sockets if place.systemctl("is-active", socket)[1] != "active"]
        return "Down - socket error" if lost else "Running"
    return "Ready" if state == "inactive" else f"Down - {state}"
