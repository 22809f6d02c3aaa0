"""Shared access signatures as IoT Hub's clients make them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from urllib.parse import quote, quote_plus


def sign(resource: str, key: str, policy: str | None = None, *, lifetime_s: int = 3600) -> str:
    encoded, expiry = quote_plus(resource), int(time.time()) + lifetime_s
    digest = hmac.new(base64.b64decode(key), f"{encoded}\n{expiry}".encode(), hashlib.sha256).digest()
    token = f"SharedAccessSignature sr={encoded}&sig={quote(base64.b64encode(digest), safe='')}&se={expiry}"
    return token if policy is None else f"{token}&skn={policy}"
