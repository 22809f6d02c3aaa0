"""Who may use the control surface: it resets everything and makes principals, so a write needs a token.

The token lies in a file that its owner alone may read; it comes as `Authorization: Bearer`, or as the password of
Basic, so that an address can hold it. No web page may ask: a browser says where its request comes from, and a name that
was made to resolve to this machine (DNS rebinding) is none of the control surface's. What comes from containers is
told apart by the listener that it came in on (`core.serving`).
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import replace

from standin.core.errors import Forbidden, Unauthorized
from standin.core.http import Request, Response, Route

_READS = frozenset({"GET", "HEAD"})
_OF_BROWSERS = ("origin", "sec-fetch-site")
"""What a browser sends with a request that a page has made, and nothing else does."""


class ControlAccess:
    def __init__(self, token: str) -> None:
        self._token = token.encode()

    def guard(self, route: Route) -> Route:
        async def handle(request: Request, parameters: Mapping[str, str]) -> Response:
            self.check(request)
            return await route.handler(request, parameters)

        return replace(route, handler=handle)

    def check(self, request: Request) -> None:
        """Raises Forbidden, Unauthorized."""
        for name in _OF_BROWSERS:
            if request.headers.get(name, "none") != "none":
                raise Forbidden(f"The control surface answers no web page ({name}: {request.headers[name]}).")
        if request.method in _READS:
            return
        if not hmac.compare_digest(_given(request.headers.get("authorization", "")), self._token):
            raise Unauthorized(
                f"{request.method} {request.path} needs the token in control.token of the stand-in's state folder.",
                headers={"WWW-Authenticate": 'Bearer realm="control"'},
            )


def _given(header: str) -> bytes:
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip().encode()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).partition(b":")[2]
        except (binascii.Error, ValueError):
            return b""
    return b""
