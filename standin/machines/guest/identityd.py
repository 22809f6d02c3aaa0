"""aziot-identityd: knows hub and device, signs a token through the keys daemon, and shows it to the hub.

The token is checked where Azure checks it, by the hub, over TLS and by its name: another key, a hub that cannot be
reached and a clock that is wrong really fail. https://learn.microsoft.com/azure/iot-hub/authenticate-authorize-sas
"""

from __future__ import annotations

import signal
import time
import tomllib
from typing import Any
from urllib.parse import quote, quote_plus

from standin.machines.guest import keyd
from standin.machines.guest.place import Place, Unanswered
from standin.machines.guest.serving import say, serve

CONFIG = "/etc/aziot/identityd/config.d/00-super.toml"
SOCKET = "/run/aziot/identityd.sock"
TOKEN_SECONDS = 3600


class Refused(Exception):
    """Why the device has no identity now."""


def provisioned(place: Place, now: float) -> dict[str, str]:
    """{"hub", "device", "token"}, taken by the hub. Refused."""
    try:
        provisioning = tomllib.loads(place.path(CONFIG).read_text())["provisioning"]
        hub, device = provisioning["iothub_hostname"], provisioning["device_id"]
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise Refused(f"{CONFIG} cannot be read: {error}; run `iotedge config apply`") from error
    token = _token(place, hub, device, now)
    try:
        place.ask_hub(hub, f"/devices/{quote(device, safe='')}/modules?api-version=2021-04-12", token)
    except Unanswered as error:
        raise Refused(f"could not provision with IoT Hub: {error} (device {device!r})") from error
    return {"hub": hub, "device": device, "token": token}


def _token(place: Place, hub: str, device: str, now: float) -> str:
    resource, expiry = quote_plus(f"{hub}/devices/{device}"), int(now) + TOKEN_SECONDS
    asked = {"key": "device-id", "text": f"{resource}\n{expiry}"}
    try:
        signature = place.ask_socket(keyd.SOCKET, "POST", "/sign", asked)["signature"]
    except Unanswered as error:
        raise Refused(f"could not sign with the device's key: {error}; see the journal of aziot-keyd") from error
    return f"SharedAccessSignature sr={resource}&sig={quote_plus(signature)}&se={expiry}"


def answer(place: Place, method: str, path: str, now: float) -> tuple[int, Any]:
    if (method, path) != ("GET", "/identities/device"):
        return 404, {"message": f"{method} {path} is not built here"}
    try:
        return 200, provisioned(place, now)
    except Refused as refusal:
        say(f"error: {refusal}")
        return 500, {"message": str(refusal)}


def main() -> None:
    place = Place()
    serve(lambda method, path, _: answer(place, method, path, time.time()))
    signal.pause()


if __name__ == "__main__":
    main()
