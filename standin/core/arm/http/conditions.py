"""If-Match and If-None-Match of a write. https://www.rfc-editor.org/rfc/rfc9110#name-preconditions

What has no ETag matches none, so that a client that is careful is refused rather than let through.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standin.core.arm.kinds import Resource, ResourceKind
from standin.core.errors import PreconditionFailed
from standin.core.http import Request

CONDITIONS = frozenset({"if-match", "if-none-match"})


def check_conditions(kind: ResourceKind, request: Request, there: Resource | None) -> None:
    etag = kind.etag(there) if there is not None else None
    wanted, unwanted = request.headers.get("if-match"), request.headers.get("if-none-match")
    if wanted is not None and not _matches(wanted, etag, there):
        raise PreconditionFailed(f"The resource's ETag is {etag!r}, and the request wants {wanted!r} (If-Match).")
    if unwanted is not None and _matches(unwanted, etag, there):
        raise PreconditionFailed(f"The resource already exists with the ETag {etag!r} (If-None-Match: {unwanted}).")


def check_body(kind: ResourceKind, body: Mapping[str, Any], there: Resource | None) -> None:
    """A body that was read and is sent back says by its etag what it was read of."""
    said = body.get("etag")
    etag = kind.etag(there) if there is not None else None
    if said and etag is not None and _bare(str(said)) != _bare(etag):
        raise PreconditionFailed(f"The resource's ETag is {etag!r}, and the body's is {said!r}.")


def _matches(asked: str, etag: str | None, there: Resource | None) -> bool:
    if asked.strip() == "*":
        return there is not None
    return etag is not None and _bare(etag) in [_bare(one) for one in asked.split(",")]


def _bare(etag: str) -> str:
    return etag.strip().removeprefix("W/").strip('"')
