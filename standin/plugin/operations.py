"""Waits for ARM's long-running operations, in each of the ways a service may tell of one.

https://github.com/Azure/azure-resource-manager-rpc/blob/master/v1.0/async-api-reference.md
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from pluginbase.resource import OperationContext, ProviderError

if TYPE_CHECKING:
    from azure.core.rest import HttpResponse

    from standin.plugin.arm import Arm

_DONE = "succeeded"
_FAILED = frozenset({"failed", "canceled", "cancelled"})
# Where Azure names no delay, and where it says 0.
_FIRST_DELAY = 0.2
_LONGEST_DELAY = 5.0


class Operation:
    """One accepted PUT or DELETE of a resource, until it has ended."""

    def __init__(self, arm: Arm, ctx: OperationContext, path: str, version: str) -> None:
        self._arm = arm
        self._ctx = ctx
        self._path = path
        self._version = version
        self._delay = _FIRST_DELAY

    def finish(self, accepted: HttpResponse) -> None:
        """Returns when it succeeded, raises what Azure says when it failed."""
        headers = accepted.headers
        if headers.get("Azure-AsyncOperation"):
            self._poll_status(headers["Azure-AsyncOperation"], headers)
        elif accepted.status_code == 202 and headers.get("Location"):
            self._poll_location(headers["Location"], headers)
        elif accepted.request.method == "PUT":
            self._poll_resource(accepted)

    def _poll_status(self, url: str, headers: Mapping[str, str]) -> None:
        """The operation has a resource of its own that tells its status."""
        while True:
            self._wait(headers)
            answer = self._arm.send("GET", url)
            body = self._content(answer)
            if answer.status_code == 404:
                raise ProviderError(f"Azure lost the operation {url}")
            if self._ended(str(body.get("status", _DONE)), body):
                return
            headers = answer.headers

    def _poll_location(self, url: str, headers: Mapping[str, str]) -> None:
        """The result is awaited at a URL that answers 202 until it is there."""
        while True:
            self._wait(headers)
            answer = self._arm.send("GET", url)
            if answer.status_code != 202:
                return
            headers = answer.headers
            url = headers.get("Location", url)

    def _poll_resource(self, answer: HttpResponse) -> None:
        """The resource itself tells how far it is."""
        while True:
            body = self._content(answer)
            properties = body.get("properties")
            state = properties.get("provisioningState") if isinstance(properties, dict) else None
            if self._ended(str(state or _DONE), body):
                return
            self._wait(answer.headers)
            answer = self._arm.send("GET", self._path, self._version)
            if answer.status_code == 404:
                raise ProviderError(f"{self._path} disappeared while it was made")

    def _ended(self, status: str, body: dict[str, Any]) -> bool:
        if status.lower() in _FAILED:
            from standin.plugin.arm import failure

            reason = body if body.get("error") else {"code": status, "message": f"{self._path} ended as {status}"}
            raise failure(200, reason)
        if status.lower() == _DONE:
            return True
        self._ctx.status(status)
        return False

    def _wait(self, headers: Mapping[str, str]) -> None:
        seconds = retry_after(headers)
        if not seconds:
            seconds, self._delay = self._delay, min(self._delay * 2, _LONGEST_DELAY)
        self._ctx.wait(seconds)

    @staticmethod
    def _content(answer: HttpResponse) -> dict[str, Any]:
        from standin.plugin.arm import content

        return content(answer)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The delay that an answer asks for: in milliseconds, in seconds, or as a date."""
    for name in ("retry-after-ms", "x-ms-retry-after-ms"):
        if headers.get(name, "").isdigit():
            return int(headers[name]) / 1000
    value = headers.get("Retry-After")
    if not value:
        return None
    if value.isdigit():
        return float(value)
    return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
