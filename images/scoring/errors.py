"""What can go wrong, with the status and code that the caller sees.

ScoringError
├── BadRequest 400            ├── BodyTooLarge 413
├── Unauthorized 401          ├── UnsupportedEncoding 415
├── Forbidden 403             ├── HeaderTooLong 431
├── NotFound 404              ├── UnsupportedMediaType 415
├── MethodNotAllowed 405      ├── RunFailed 500
├── RequestTimedOut 408       │   └── RunTimedOut 500
                              ├── NotReady 503
                              └── Overloaded 503
StartError: the artifact cannot be served at all
└── GoldenMismatch
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

Headers = tuple[tuple[bytes, bytes], ...]


class ScoringError(Exception):
    status: ClassVar[int]
    code: ClassVar[str]
    headers: Headers = ()

    def __init__(self, message: str, *, path: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.path = path

    def body(self) -> bytes:
        error = {"code": self.code, "message": self.message}
        if self.path is not None:
            error["path"] = self.path
        return msgspec.json.encode({"error": error})


class BadRequest(ScoringError):
    status = 400
    code = "BadRequest"


class Unauthorized(ScoringError):
    status = 401
    code = "Unauthorized"
    headers = ((b"www-authenticate", b"Bearer"),)


class Forbidden(ScoringError):
    status = 403
    code = "Forbidden"


class NotFound(ScoringError):
    status = 404
    code = "NotFound"


class MethodNotAllowed(ScoringError):
    status = 405
    code = "MethodNotAllowed"

    def __init__(self, method: str, allowed: str) -> None:
        super().__init__(f"method is {method}, allowed: {allowed}")
        self.headers = ((b"allow", allowed.encode()),)


class RequestTimedOut(ScoringError):
    status = 408
    code = "RequestTimedOut"
    headers = ((b"connection", b"close"),)


class BodyTooLarge(ScoringError):
    status = 413
    code = "BodyTooLarge"


class UnsupportedEncoding(ScoringError):
    status = 415
    code = "UnsupportedEncoding"


class UnsupportedMediaType(ScoringError):
    status = 415
    code = "UnsupportedMediaType"


class HeaderTooLong(ScoringError):
    status = 431
    code = "HeaderTooLong"


class RunFailed(ScoringError):
    """The entry script's `run` raised, or gave something that is no JSON; the log has the details."""

    status = 500
    code = "RunFailed"

    def __init__(self, message: str, *, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail
        """For the log alone."""


class RunTimedOut(RunFailed):
    code = "RunTimedOut"


class NotReady(ScoringError):
    status = 503
    code = "NotReady"
    headers = ((b"retry-after", b"1"),)


class Overloaded(ScoringError):
    status = 503
    code = "Overloaded"
    headers = ((b"retry-after", b"1"),)


class StartError(Exception):
    """The artifact cannot be served: it says which file or function, and why, on one line."""

    def __init__(self, message: str, *, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail
        """Lines of the entry script, for the log and the gate; not for a caller over HTTP."""

    @property
    def in_full(self) -> str:
        return f"{self}\n{self.detail}" if self.detail else str(self)


class GoldenMismatch(StartError):
    """A golden example is not answered as the card says."""
