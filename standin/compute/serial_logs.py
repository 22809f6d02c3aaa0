"""Addresses at which a machine's serial log is read for a while, by whoever has one.

Azure keeps the log in storage of its own, of which nobody else has a key.
https://learn.microsoft.com/rest/api/compute/virtual-machines/retrieve-boot-diagnostics-data
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from standin.compute.errors import BlobNotFound, InvalidParameter, LogRefused
from standin.compute.state import vm_id
from standin.core.arm import Arm, Resource
from standin.core.clock import Clock, iso
from standin.core.numbers import whole_number
from standin.core.store import Store
from standin.cores import MACHINES

DOMAIN = ".blob.storage.azure.net"
_KIND, _KEY = "serial logs", "key"
_MINUTES, _MOST_MINUTES = 120, 1440
_LOG, _SCREEN = "serialconsole.log", "screenshot.bmp"


class SerialLogs:
    def __init__(self, arm: Arm, store: Store, clock: Clock) -> None:
        self._arm = arm
        self._store = store
        self._clock = clock

    def addresses(self, machine: Resource, minutes: str | None) -> dict[str, str]:
        """Raises InvalidParameter where they should hold for less than a minute, or more than a day."""
        count = _MINUTES if minutes is None else whole_number(minutes)
        if count is None or not 1 <= count <= _MOST_MINUTES:
            raise InvalidParameter(
                f"sasUriExpirationTimeInMinutes is {minutes!r}: allowed are 1 to {_MOST_MINUTES}.",
                "sasUriExpirationTimeInMinutes",
            )
        until = iso(self._clock.now() + timedelta(minutes=count))
        return {
            "consoleScreenshotBlobUri": self._address(machine, _SCREEN, until),
            "serialConsoleLogBlobUri": self._address(machine, _LOG, until),
        }

    def machine_of(self, host: str, path: str, query: Mapping[str, str]) -> Resource:
        """The machine whose log an address tells. Raises LogRefused and BlobNotFound."""
        until, signature = query.get("se", ""), query.get("sig", "")
        if not hmac.compare_digest(self._signed(host, path, until).encode(), signature.encode()):
            raise LogRefused("Signature did not match.")
        if self._clock.now() >= datetime.fromisoformat(until):
            raise LogRefused(f"Signature not valid in the specified time frame: Expiry [{until}].")
        found = [one for one in self._arm.list(MACHINES) if "vmId" in one.private and _path(one, _LOG) == path]
        if not found:
            raise BlobNotFound
        return found[0]

    def _address(self, machine: Resource, what: str, until: str) -> str:
        host, path = _host(machine), _path(machine, what)
        said = {"sv": "2018-03-28", "sr": "b", "sp": "r", "se": until, "sig": self._signed(host, path, until)}
        return f"https://{host}{quote(path)}?{urlencode(said)}"

    def _signed(self, host: str, path: str, until: str) -> str:
        text = "\n".join((host.lower(), path, until))
        return base64.b64encode(hmac.new(self._key(), text.encode(), hashlib.sha256).digest()).decode()

    def _key(self) -> bytes:
        """Kept, so that an address that was answered holds over a restart."""
        return bytes.fromhex(self._store.once(_KIND, _KEY, lambda: secrets.token_hex(32)))


def _host(machine: Resource) -> str:
    return f"md-{hashlib.sha256(vm_id(machine).encode()).hexdigest()[:12]}.z1{DOMAIN}"


def _path(machine: Resource, what: str) -> str:
    name = machine.name.lower().replace("-", "")[:9]
    return f"/bootdiagnostics-{name}-{vm_id(machine)}/{machine.name}.{vm_id(machine)}.{what}"
