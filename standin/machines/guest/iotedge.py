"""The `iotedge` command: what a machine of 1.6 is set up and looked at with.

https://learn.microsoft.com/azure/iot-edge/troubleshoot
"""

from __future__ import annotations

import os
import sys

from standin.machines.guest import apply, check, edged, services
from standin.machines.guest.place import Place, Unanswered
from standin.machines.guest.super_config import ConfigError

VERSION = "1.6.0"
_BUILT = "config apply; system restart, status, stop, logs; list; check [-o json]; check-list; version"


def run(place: Place, arguments: list[str]) -> int:
    """Exit code; what is not built is refused with 2, as an unknown command is."""
    match arguments:
        case ["config", "apply"]:
            return _apply(place)
        case ["system", "restart"]:
            services.restart(place)
        case ["system", "stop"]:
            services.stop(place)
        case ["system", "status"]:
            services.status(place)
        case ["system", "logs", *more]:
            units = [word for daemon in services.DAEMONS for word in ("-u", daemon.service)]
            os.execvp("journalctl", ["journalctl", *units, *(word for word in more if word != "--")])
        case ["list"]:
            return _list(place)
        case ["check", *more]:
            return check.run(place, as_json=_wants_json(more))
        case ["check-list"]:
            for one in check.CHECKS:
                print(f"{one.id:40}{one.description}")
        case ["version" | "--version" | "-V"]:
            print(f"iotedge {VERSION} (the stand-in's)")
        case _:
            print(f"iotedge {' '.join(arguments)}: not built here; built: {_BUILT}", file=sys.stderr)
            return 2
    return 0


def _apply(place: Place) -> int:
    try:
        apply.apply(place)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _list(place: Place) -> int:
    try:
        modules = place.ask_socket(edged.SOCKET, "GET", "/modules?api-version=2018-06-28")
    except Unanswered as error:
        print(f"Could not list modules\n\tcaused by: {error}", file=sys.stderr)
        return 1
    rows = [("NAME", "STATUS", "DESCRIPTION", "Config")]
    rows += [(one["name"], one["status"], one["description"], one["image"]) for one in modules]
    widths = [max(len(row[column]) for row in rows) + 2 for column in range(4)]
    for row in rows:
        print("".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())
    return 0


def _wants_json(options: list[str]) -> bool:
    return "json" in options or "--output=json" in options or "-ojson" in options


def main() -> None:
    sys.exit(run(Place(), sys.argv[1:]))


if __name__ == "__main__":
    main()
