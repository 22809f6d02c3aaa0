"""Which operations there are on an account, a container and a blob, and what each obeys.

https://learn.microsoft.com/rest/api/storageservices/blob-service-rest-api
On one path Azure tells operations by `comp` and `restype`; what another value asks for is not built, and is refused.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from standin.blob.errors import InvalidQueryParameter
from standin.core.http import Request, Response
from standin.core.obeys import Obeys, Part

Where = Literal["account", "container", "blob"]
OperationHandler = Callable[[Request, Mapping[str, str]], Awaitable[Response]]

CODES: Mapping[Part, str] = {
    "query": "UnsupportedQueryParameter",
    "header": "UnsupportedHeader",
    "field": "InvalidInput",
}
_SIGNATURE = "sv sr st se sp spr sig skoid sktid skt ske sks skv"
_EVERYWHERE = f"comp restype timeout {_SIGNATURE}".split()
CONDITIONS = "if-match if-none-match if-modified-since if-unmodified-since"
_DESCRIBED = (
    "x-ms-blob-content-type x-ms-blob-content-encoding x-ms-blob-content-language x-ms-blob-content-disposition "
    "x-ms-blob-cache-control x-ms-blob-content-md5"
)
META = "x-ms-meta-*"
WRITTEN = f"{CONDITIONS} {_DESCRIBED} {META} x-ms-tags x-ms-access-tier content-md5"
DESCRIBED = f"{CONDITIONS} {_DESCRIBED}"
COPIED = f"{CONDITIONS} {META} x-ms-copy-source x-ms-requires-sync x-ms-tags x-ms-access-tier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    where: Where
    method: str
    handler: OperationHandler
    obeys: Obeys
    comp: str = ""
    restype: str = ""
    copies: bool = False
    """Told from a Put Blob by its source alone."""


def operation(
    where: Where,
    method: str,
    handler: OperationHandler,
    *,
    comp: str = "",
    restype: str = "",
    query: str = "",
    headers: str = "",
    copies: bool = False,
) -> Operation:
    said = Obeys(
        query=frozenset([*_EVERYWHERE, *query.split()]),
        headers=frozenset(["x-ms-version", *headers.split()]),
        body=method == "PUT",
    )
    return Operation(where=where, method=method, handler=handler, obeys=said, comp=comp, restype=restype, copies=copies)


def find(operations: tuple[Operation, ...], where: Where, request: Request) -> Operation:
    comp, restype = request.query.get("comp", "").lower(), request.query.get("restype", "").lower()
    copies = where == "blob" and not comp and "x-ms-copy-source" in request.headers
    here = [one for one in operations if one.where == where and one.method == request.method]
    for one in here:
        if (one.comp, one.restype, one.copies) == (comp, restype, copies):
            return one
    built = ", ".join(sorted({f"comp={one.comp}" if one.comp else "none" for one in here})) or "none"
    name = "restype" if any(one.comp == comp for one in here) else "comp"
    raise InvalidQueryParameter(name, request.query.get(name, ""), f"of {request.method} on a {where}: {built}")
