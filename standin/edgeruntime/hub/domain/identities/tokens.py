"""SAS tokens: made and checked with a key in base64.

https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-security#sas-tokens
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import time
from collections.abc import Iterable
from urllib.parse import quote_plus, unquote

SCHEME = "SharedAccessSignature "
_SECONDS = re.compile("[0-9]{1,18}")


class Unauthorized(Exception):
    """A client may not connect; the message says why, for the log."""


def check_token(token: str, audience: str, keys: Iterable[str]) -> float:
    """When it expires, in seconds since 1970; Unauthorized."""
    if not token.startswith(SCHEME):
        raise Unauthorized("no SAS token (X.509 clients are not supported)")
    fields = dict(part.split("=", 1) for part in token[len(SCHEME) :].split("&") if "=" in part)
    try:
        claimed, signature, expiry = fields["sr"], unquote(fields["sig"]).encode(), fields["se"]
    except KeyError:
        raise Unauthorized("the SAS token is malformed") from None
    if not _SECONDS.fullmatch(expiry):
        raise Unauthorized("the SAS token's se is not a number of seconds")
    expires = float(expiry)
    if unquote(claimed).lower() != audience.lower():
        raise Unauthorized("the SAS token is for another audience")
    data = f"{claimed}\n{expiry}".encode()
    if not any(hmac.compare_digest(sign(key, data).encode(), signature) for key in keys):
        raise Unauthorized("the SAS token's signature is wrong")
    if expires < time.time():
        raise Unauthorized("the SAS token has expired")
    return expires


def sign(key: str, data: bytes) -> str:
    try:
        secret = base64.b64decode(key, validate=True)
    except binascii.Error:
        raise Unauthorized("the identity's key is not base64") from None
    return base64.b64encode(hmac.digest(secret, data, "sha256")).decode()


def make_token(resource: str, key: str, *, lifetime_s: int) -> str:
    audience, expiry = quote_plus(resource), str(int(time.time()) + lifetime_s)
    signature = quote_plus(sign(key, f"{audience}\n{expiry}".encode()))
    return f"{SCHEME}sr={audience}&sig={signature}&se={expiry}"
