"""aziot-keyd: holds the device's key, and signs for who asks on its socket. Nobody else reads the key.

It reads the key's file at each use, as the real one does, so that another key is used as soon as it lies there.
https://github.com/Azure/iot-identity-service/blob/main/key/aziot-keys/src/key.rs
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import signal
import tomllib
from typing import Any
from urllib.parse import urlsplit

from standin.machines.guest.place import Place
from standin.machines.guest.serving import say, serve

CONFIG = "/etc/aziot/keyd/config.d/00-super.toml"
SOCKET = "/run/aziot/keyd.sock"


def answer(place: Place, method: str, path: str, body: Any) -> tuple[int, Any]:
    """POST /sign {"key": "device-id", "text": ...} -> {"signature": base64 of HMAC-SHA256}"""
    if (method, path) != ("POST", "/sign"):
        return 404, {"message": f"{method} {path} is not built here"}
    try:
        files = tomllib.loads(place.path(CONFIG).read_text())["preloaded_keys"]
        key = place.path(urlsplit(files[body["key"]]).path).read_bytes()
        if not key:
            raise ValueError("key file is empty")
    except (OSError, ValueError, KeyError, TypeError) as error:
        say(f"aziot-keyd: {type(error).__name__}: {error}")
        return 500, {"message": str(error)}
    signature = hmac.new(key, str(body["text"]).encode(), hashlib.sha256).digest()
    return 200, {"signature": base64.b64encode(signature).decode()}


def main() -> None:
    place = Place()
    serve(lambda method, path, body: answer(place, method, path, body))
    signal.pause()


if __name__ == "__main__":
    main()
