"""dockerd: no engine, but what a device's tools ask one. Its containers are the device's modules, which run beside the
machine.

https://docs.docker.com/reference/api/engine/version/v1.41/
"""

from __future__ import annotations

import signal
from typing import Any
from urllib.parse import urlsplit

from standin.machines.guest.place import Place, Unanswered
from standin.machines.guest.serving import serve

VERSION = {"Version": "29.7.2", "ApiVersion": "1.52", "MinAPIVersion": "1.40", "Os": "linux", "Arch": "amd64"}


def answer(place: Place, method: str, path: str) -> tuple[int, Any]:
    """Whatever API version the path begins with."""
    asked = urlsplit(path).path
    if asked.startswith("/v1."):
        asked = "/" + asked.split("/", 2)[2]
    if method == "GET" and asked == "/_ping":
        return 200, "OK"
    if method == "GET" and asked in ("/version", "/info"):
        return 200, {**VERSION, "ServerVersion": VERSION["Version"]}
    if method == "GET" and asked == "/containers/json":
        try:
            return 200, [_container(module) for module in place.ask_host("GET", "/machine/modules")]
        except Unanswered as error:
            return 500, {"message": str(error)}
    return 501, {"message": f"{method} {asked} is not built here: a machine's modules run beside it"}


def _container(module: Any) -> dict[str, Any]:
    return {
        "Id": module["id"],
        "Names": [f"/{module['name']}"],
        "Image": module["image"],
        "State": module["status"],
        "Labels": {"net.azure-devices.edge.owner": "Microsoft.Azure.Devices.Edge.Agent"},
    }


def main() -> None:
    place = Place()
    serve(lambda method, path, _: answer(place, method, path))
    signal.pause()


if __name__ == "__main__":
    main()
