"""Graph's refusals. https://learn.microsoft.com/graph/errors

ServiceError
├── NotDelegated, UnsupportedFilter 400
├── InvalidToken 401
└── ObjectNotFound 404
"""

from __future__ import annotations

from standin.core.errors import BadRequest, NotFound, Unauthorized


class NotDelegated(BadRequest):
    code = "BadRequest"

    def __init__(self) -> None:
        super().__init__("/me request is only valid with delegated authentication flow.")


class UnsupportedFilter(BadRequest):
    code = "Request_UnsupportedQuery"

    def __init__(self, text: str | None) -> None:
        super().__init__(f"Unsupported or invalid query filter clause specified: $filter is {text!r}.")


class InvalidToken(Unauthorized):
    code = "InvalidAuthenticationToken"

    def __init__(self) -> None:
        super().__init__("Access token is empty, invalid or for another audience.")


class ObjectNotFound(NotFound):
    code = "Request_ResourceNotFound"

    def __init__(self, object_id: str) -> None:
        super().__init__(
            f"Resource '{object_id}' does not exist or one of its queried reference-property objects are not present."
        )
