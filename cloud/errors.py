"""What a service answered, in one form whatever SDK was asked.

ServiceError        the service's status, code and message; `kind` says whether trying again can help

It is told to the user as it stands: the provider's server knows it as a plain error, the command line turns it into its
own.
"""

from __future__ import annotations

import json
import math
import re
from enum import Enum
from typing import Any

from cloud.wording import one_line


class Kind(Enum):
    TRANSIENT = "transient"  # not reached, throttled, or its own trouble
    UNAUTHORISED = "unauthorised"  # perhaps a role that has not propagated yet
    MISSING = "missing"
    FINAL = "final"


class ServiceError(Exception):
    """`what` names the call: `device 'edge-01' in hub.azure-devices.net`. `status` is 0 where no answer came."""

    def __init__(self, what: str, status: int, code: str, message: str, *, retry_after: float | None = None) -> None:
        answered = f"{status} {code}".strip() if status else "no answer"
        super().__init__(f"{what}: {answered}: {message}" if message else f"{what}: {answered}")
        self.what = what
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after

    @property
    def brief(self) -> str:
        return f"{self.status} {self.code}".strip() if self.status else "no answer"

    @property
    def kind(self) -> Kind:
        if self.status in (0, 408, 429) or self.status >= 500 or self.code in _PASSES:
            return Kind.TRANSIENT
        if self.status == 401:
            return Kind.UNAUTHORISED
        if self.status == 403 and not _LIMIT.search(f"{self.code} {self.message}"):
            return Kind.UNAUTHORISED
        return Kind.MISSING if self.status == 404 else Kind.FINAL


def is_missing(error: ServiceError) -> bool:
    return error.kind is Kind.MISSING


# 403 is also what IoT Hub answers when a quota is used up, which no waiting cures.
_LIMIT = re.compile(r"quota|maximum|exceeded|limit", re.IGNORECASE)
# Storage's, and IoT Hub's.
_CODE_HEADERS = ("x-ms-error-code", "iothub-errorcode")
# What a service answers of a thing that it has just made: a registry of a token, for some seconds.
_PASSES = frozenset({"TokenNotActive"})
# Exceptions of SDKs that mean: the service was not reached. By name, so that no SDK is imported to find out.
_UNREACHED = frozenset(
    {
        "ServiceRequestError",
        "ServiceResponseError",
        "ServiceRequestTimeoutError",
        "ServiceResponseTimeoutError",
        "IncompleteReadError",
        "ClientRequestError",
        "ConnectionError",
        "ConnectTimeout",
        "ReadTimeout",
        "ProxyError",
        "SSLError",
        "ChunkedEncodingError",
        "RetryError",
    }
)
_SIGN_IN = re.compile(r"Credential|Authentication failed|AADSTS")
# the last is what azure-identity says of an `az` that took too long
_UNREACHED_WORDS = re.compile(
    r"connect|refused|proxy|timed? ?out|reset by peer|max retries|unreachable|failed to invoke", re.IGNORECASE
)


def service_error(error: BaseException, what: str) -> ServiceError | None:
    """The answer that lies in an SDK's exception; None for an exception that is no service's.

    SDKs dress up answers: azure-ai-ml raises a ValidationException from the 403 of a blob. What such an exception comes
    from counts where waiting can cure it; else its own words say more.
    """
    found = _answer_of(error, what)
    if found is not None or "AzureError" not in _names(error):
        return found
    seen = {id(error)}
    while (below := _comes_from(error)) is not None and id(below) not in seen:
        seen.add(id(below))
        found, error = _answer_of(below, what), below
        if found is not None and found.kind in (Kind.TRANSIENT, Kind.UNAUTHORISED):
            return found
    return None


def _comes_from(error: BaseException) -> BaseException | None:
    """As Python's traceback tells it."""
    return error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _names(error: BaseException) -> set[str]:
    return {kind.__name__ for kind in type(error).__mro__}


def _answer_of(error: BaseException, what: str) -> ServiceError | None:
    if isinstance(error, ServiceError):
        return error
    names = _names(error)
    response = getattr(error, "response", None)
    status = getattr(error, "status_code", None) or getattr(response, "status_code", None)
    if "ClientAuthenticationError" in names and _SIGN_IN.search(str(error)):
        # the sign-in itself failed: the service that gives tokens may only be restarting
        reached = not _UNREACHED_WORDS.search(str(error))
        return ServiceError(what, 400 if reached else 0, "sign-in failed", _first_lines(str(error)))
    if names & {"HttpResponseError", "HttpOperationError"} and status:
        code, message = _words(error, response)
        return ServiceError(what, int(status), code, message, retry_after=_retry_after(response))
    if names & _UNREACHED:
        return ServiceError(what, 0, "", _first_lines(str(error)))
    return None


def error_of_body(body: bytes | str) -> tuple[str, str]:
    """Code and message of an error body: ARM's envelope, a registry's list, or IoT Hub's `Message`."""
    text = body.decode(errors="replace") if isinstance(body, bytes) else body
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError):
        return "", _first_lines(text)
    if not isinstance(value, dict):
        return "", _first_lines(text)
    inner = value.get("error")
    if not isinstance(inner, dict):
        errors = value.get("errors")
        inner = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else value
    message = str(inner.get("message") or inner.get("Message") or inner.get("error_description") or "")
    code = str(inner.get("code") or (inner.get("error") if isinstance(inner.get("error"), str) else "") or "")
    hub = re.match(r"ErrorCode:(\w+);?\s*(.*)", message, re.DOTALL)
    if hub:
        return hub[1], hub[2] or message
    return _of_method(message) or (code, message)


def _of_method(message: str) -> tuple[str, str] | None:
    """A direct method's refusal is a document in the message: `{"errorCode": 404103, "message": "..."}`."""
    try:
        value = json.loads(message)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or "errorCode" not in value:
        return None
    return str(value["errorCode"]), str(value.get("message") or message)


def _words(error: BaseException, response: Any) -> tuple[str, str]:
    body = getattr(response, "text", None)
    if callable(body):
        try:
            body = body()
        except Exception as unreadable:
            body = str(unreadable)
    code, message = error_of_body(body) if body else ("", "")
    return code or _code_in_headers(response), message or _first_lines(str(error))


def _code_in_headers(response: Any) -> str:
    """Where there is no body (the answer to a HEAD), or one in XML."""
    headers = getattr(response, "headers", None) or {}
    return next((headers[name] for name in _CODE_HEADERS if headers.get(name)), "")


def _retry_after(response: Any) -> float | None:
    headers = getattr(response, "headers", None) or {}
    try:
        seconds = float(headers.get("Retry-After", ""))
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _first_lines(text: str) -> str:
    return one_line(text, 600)
