"""aziot-edged: has the device's identity from aziot-identityd, then asks what the machine stands on to run the modules.

The real one starts edgeAgent's container, which does the rest. Here the modules run beside the machine, in the engine
that the machine itself runs in: they begin when the hub has let this daemon in, and end when it is stopped.
https://github.com/Azure/iotedge/blob/main/edgelet/aziot-edged/src/main.rs
"""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from typing import Any

from standin.machines.guest import identityd
from standin.machines.guest.place import Place, Unanswered
from standin.machines.guest.serving import say, serve

CONFIG = "/etc/aziot/edged/config.d/00-super.toml"
SOCKET = "/var/run/iotedge/mgmt.sock"
UNREADY, UNCONFIGURED = 1, 153
"""Exit codes: systemd starts it again after the first, and not after the second (RestartPreventExitStatus)."""


class Refused(Exception):
    """Why the daemon ends."""


def begin(place: Place) -> None:
    """Raises Refused."""
    try:
        identity = place.ask_socket(identityd.SOCKET, "GET", "/identities/device")
    except Unanswered as error:
        raise Refused(f"no identity: {error}") from error
    say(f"provisioned with IoT Hub {identity['hub']} as {identity['device']!r}")
    try:
        place.ask_host("PUT", "/machine/device", identity)
    except Unanswered as error:
        raise Refused(f"could not start the modules: {error}") from error
    say("modules started")


def answer(place: Place, method: str, path: str) -> tuple[int, Any]:
    """The management API's list: GET /modules."""
    if method != "GET" or not path.startswith("/modules"):
        return 404, {"message": f"{method} {path} is not built here"}
    try:
        return 200, place.ask_host("GET", "/machine/modules")
    except Unanswered as error:
        return 500, {"message": str(error)}


def main() -> None:
    place, ended = Place(), threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    say("Starting Azure IoT Edge Daemon (the stand-in's)")
    if not place.path(CONFIG).exists():
        say(f"{CONFIG} is not there: run `iotedge config apply`")
        sys.exit(UNCONFIGURED)
    try:
        begin(place)
    except Refused as refusal:
        say(f"error: {refusal}")
        sys.exit(UNREADY)
    serve(lambda method, path, _: answer(place, method, path))
    ended.wait()
    say("Stopping all modules...")
    with contextlib.suppress(Unanswered):
        place.ask_host("DELETE", "/machine/device")


if __name__ == "__main__":
    main()
