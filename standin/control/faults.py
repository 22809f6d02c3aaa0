"""Handlers of `/_standin/faults`.

POST   /_standin/faults          {"host", "path", "method", "status" | "reset" | "hold": true, "body", "count", "after"}
DELETE /_standin/faults          clears them all; /_standin/faults/held only lets answers go that are kept back
POST   /_standin/faults/cut      {"device": "edge-01", "cut": true}
"""

from __future__ import annotations

from collections.abc import Mapping

from standin.core.errors import BadRequest
from standin.core.faults import Fault, Faults
from standin.core.http import Request, Response, json_response

_KEYS = frozenset({"host", "path", "method", "status", "reset", "hold", "body", "count", "after"})


class FaultHandlers:
    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    async def show(self, request: Request, _: Mapping[str, str]) -> Response:
        return self._shown()

    async def plan(self, request: Request, _: Mapping[str, str]) -> Response:
        self._faults.planned.append(_fault(request.json_object()))
        return self._shown()

    async def clear(self, request: Request, _: Mapping[str, str]) -> Response:
        self._faults.clear()
        return self._shown()

    async def release(self, request: Request, _: Mapping[str, str]) -> Response:
        self._faults.release()
        return self._shown()

    async def cut(self, request: Request, _: Mapping[str, str]) -> Response:
        body = request.json_object()
        device, cut = body.get("device"), body.get("cut", True)
        if not isinstance(device, str) or not device or not isinstance(cut, bool):
            raise BadRequest(f'Expected {{"device": "<id>", "cut": true|false}}, got {body!r}.')
        if cut:
            self._faults.cut(device)
        else:
            self._faults.restore(device)
        return self._shown()

    def _shown(self) -> Response:
        planned = [
            {
                "host": fault.host,
                "path": fault.path,
                "method": fault.method,
                "status": fault.status,
                "count": fault.count,
            }
            for fault in self._faults.planned
        ]
        return json_response({"planned": planned, "held": self._faults.held, "cutDevices": self._faults.cut_devices()})


def _fault(body: Mapping[str, object]) -> Fault:
    unknown = set(body) - _KEYS
    if unknown:
        raise BadRequest(f"Unknown keys of a fault: {sorted(unknown)}.")
    status, count = body.get("status", 503), body.get("count", 1)
    if not isinstance(status, int) or not (400 <= status <= 599 or 200 <= status <= 299):
        raise BadRequest(f"status must be a number from 200 to 299 or from 400 to 599, got {status!r}.")
    if not isinstance(count, int) or count < 1:
        raise BadRequest(f"count must be a number of 1 or more, got {count!r}.")
    after = body.get("after", 0)
    if not isinstance(after, int) or after < 0:
        raise BadRequest(f"after must be a number of 0 or more, got {after!r}.")
    return Fault(
        host=str(body.get("host", "")),
        path=str(body.get("path", "")),
        method=str(body.get("method", "")),
        status=None if body.get("reset") else status,
        count=count,
        after=after,
        body=body.get("body"),
        holds=bool(body.get("hold")),
    )
