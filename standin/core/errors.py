"""Errors as Azure's services answer them: a status, a code that clients read, and words for people.

    ServiceError
    ├── BadRequest 400    ├── Unauthorized 401    ├── Forbidden 403
    ├── NotFound 404      ├── Conflict 409        ├── PreconditionFailed 412
    ├── BodyTooLarge 413  └── TooManyRequests 429

Each service's `errors.py` derives its own from these; its `Service.error` writes the envelope of that surface.
"""

from __future__ import annotations

from collections.abc import Mapping


class ServiceError(Exception):
    """Refuses a request. `details` holds what one surface adds to its envelope (a target, inner errors)."""

    status = 500
    code = "InternalServerError"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        details: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.status = status or type(self).status
        self.headers: dict[str, str] = dict(headers or {})
        self.details: dict[str, object] = dict(details or {})

    def __str__(self) -> str:
        return f"{self.status} {self.code}: {self.message}"


class BadRequest(ServiceError):
    status = 400
    code = "BadRequest"


class Unauthorized(ServiceError):
    status = 401
    code = "Unauthorized"


class Forbidden(ServiceError):
    status = 403
    code = "AuthorizationFailed"


class NotFound(ServiceError):
    status = 404
    code = "NotFound"


class Conflict(ServiceError):
    status = 409
    code = "Conflict"


class PreconditionFailed(ServiceError):
    status = 412
    code = "PreconditionFailed"


class BodyTooLarge(ServiceError):
    status = 413
    code = "RequestBodyTooLarge"


class TooManyRequests(ServiceError):
    """Carries the seconds to wait: clients sleep that long and come again."""

    status = 429
    code = "TooManyRequests"

    def __init__(self, message: str, *, retry_after_seconds: int, code: str | None = None) -> None:
        super().__init__(message, code=code, headers={"Retry-After": str(retry_after_seconds)})
