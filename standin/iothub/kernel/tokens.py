"""Shared access signatures: what a token claims, and whether a key signed it.

https://learn.microsoft.com/azure/iot-hub/authenticate-authorize-sas
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import unquote, unquote_plus

_SCHEME = "SharedAccessSignature "
_SECONDS = re.compile("[0-9]{1,18}")


class TokenError(Exception):
    """The token cannot be believed; the text names neither keys nor signatures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedAccessToken:
    """`resource` is decoded, `signed` the text that was signed, `expiry` in seconds since 1970."""

    resource: str
    signed: str
    signature: bytes
    expiry: int
    policy: str | None

    def check(self, keys: Iterable[str]) -> None:
        """Raises TokenError unless one of `keys` signed it and it has not expired.

        The wall clock decides, not the stand-in's: clients put their own time into `se`.
        """
        if not any(hmac.compare_digest(self.signature, good) for key in keys for good in _signatures(key, self.signed)):
            raise TokenError("InvalidSignature: The token has an invalid signature.")
        if self.expiry <= time.time():
            raise TokenError("ExpiredToken: The token is expired.")

    def covers(self, resource: str) -> bool:
        """Whether `resource` (host and path) is the token's or lies below it; a port in the token's does not matter."""
        return covers(self.resource, resource)


def covers(granted: str, resource: str) -> bool:
    granted, resource = _plain(granted), _plain(resource)
    return resource == granted or resource.startswith(granted + "/")


def parse_token(text: str) -> SharedAccessToken:
    if not text.startswith(_SCHEME):
        raise TokenError("MalformedToken: The token is not a SharedAccessSignature.")
    fields = dict(part.partition("=")[::2] for part in text.removeprefix(_SCHEME).strip().split("&"))
    missing = [name for name in ("sr", "sig", "se") if not fields.get(name)]
    if missing:
        raise TokenError(f"MalformedToken: The token has no {' and no '.join(missing)}.")
    if not _SECONDS.fullmatch(fields["se"]):
        raise TokenError("MalformedToken: The token's se is not a number of seconds.")
    return SharedAccessToken(
        resource=unquote_plus(fields["sr"]),
        signed=f"{fields['sr']}\n{fields['se']}",
        signature=unquote(fields["sig"]).encode(),
        expiry=int(fields["se"]),
        policy=unquote_plus(fields["skn"]) if fields.get("skn") else None,
    )


def _signatures(key: str, signed: str) -> list[bytes]:
    """IoT Hub's clients sign with the decoded key, Event Hubs' with the key's text."""
    candidates = [key.encode()]
    with suppress(binascii.Error):
        candidates.append(base64.b64decode(key, validate=True))
    return [base64.b64encode(hmac.new(raw, signed.encode(), hashlib.sha256).digest()) for raw in candidates]


def _plain(resource: str) -> str:
    """Host without port and path, lower-case host: device ids are case-sensitive, host names are not."""
    _, separator, rest = resource.partition("://")
    host, slash, path = (rest if separator else resource).partition("/")
    return host.partition(":")[0].lower() + (slash + path).rstrip("/")
