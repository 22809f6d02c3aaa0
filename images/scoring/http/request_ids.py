"""The ids of a request and its trace, which its answer carries back: by Azure ML's rules."""

from __future__ import annotations

import os
import random
from binascii import hexlify
from collections.abc import Mapping

from images.scoring.errors import HeaderTooLong
from images.scoring.http.limits import MAX_ID_LENGTH

_IDS = ("x-request-id", "x-ms-client-request-id", "x-ms-request-id", "traceid")
_random = random.Random()
"""Its own: a script that seeds `random` counts on what comes next."""
_random_bits = _random.getrandbits
os.register_at_fork(after_in_child=_random.seed)  # else all workers would make the same ids


def request_ids(headers: Mapping[bytes, bytes]) -> bytes:
    """Header lines: x-request-id is made where it is missing, x-ms-request-id is never empty; raises HeaderTooLong."""
    request = headers.get(b"x-request-id")
    client = headers.get(b"x-ms-client-request-id")
    legacy = headers.get(b"x-ms-request-id")
    trace = headers.get(b"traceid")
    if request is None and client is None and legacy is None and trace is None:
        made = _made()
        return b"x-request-id: %b\r\nx-ms-request-id: %b\r\n" % (made, made)
    for name, value in zip(_IDS, (request, client, legacy, trace), strict=True):
        if value is not None and len(value) > MAX_ID_LENGTH:
            raise HeaderTooLong(f"header {name} has {len(value)} characters, allowed are {MAX_ID_LENGTH}")
    request = request or _made()
    client = client or legacy
    lines = b"x-request-id: %b\r\nx-ms-request-id: %b\r\n" % (request, legacy or client or request)
    if client:
        lines += b"x-ms-client-request-id: %b\r\n" % client
    return lines if trace is None else lines + b"traceid: %b\r\n" % trace


def _made() -> bytes:
    # a third of the time of b"%032x" %
    return hexlify(_random_bits(128).to_bytes(16, "big"))
