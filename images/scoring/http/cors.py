"""Cross-origin requests of browsers, from the origins that AML_CORS_ORIGINS lists. https://fetch.spec.whatwg.org/#http-cors-protocol"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

METHODS = (b"GET", b"POST")
ANY = "*"


class Cors:
    def __init__(self, origins: Sequence[str]) -> None:
        self._any = ANY in origins
        self._origins = frozenset(origin.lower().encode() for origin in origins)
        self._vary = b"vary: Origin\r\n" if self._any or len(origins) > 1 else b""

    def lines(self, method: bytes, headers: Mapping[bytes, bytes]) -> bytes:
        """Header lines of the answer; none for an origin that is not listed, and the browser then refuses."""
        origin = headers.get(b"origin")
        if not origin or not (self._any or origin.lower() in self._origins):
            return b""
        allowed = b"access-control-allow-origin: %b\r\n%b" % (origin, self._vary)
        if method != b"OPTIONS" or headers.get(b"access-control-request-method", b"").upper() not in METHODS:
            return allowed
        asked = headers.get(b"access-control-request-headers")
        names = b"" if not asked else b"access-control-allow-headers: %b\r\n" % _sorted(asked)
        return allowed + names + b"access-control-allow-methods: GET, POST\r\n"


def _sorted(names: bytes) -> bytes:
    """As Azure ML's own server lists them."""
    return b", ".join(sorted(name.strip() for name in names.split(b",")))
