"""The table of a storage account's operations, and how a request finds its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from standin.blob.containers import ContainerHandlers
from standin.blob.handlers import BlobHandlers
from standin.blob.operations import (
    CODES,
    CONDITIONS,
    COPIED,
    DESCRIBED,
    META,
    WRITTEN,
    Operation,
    Where,
    find,
    operation,
)
from standin.blob.signatures import Access
from standin.blob.wire import check_version
from standin.core.http import Handler, Request, Response, Route, whole
from standin.core.obeys import EVERYTHING, unobeyed

_LISTED = "prefix marker maxresults include"


def operations(containers: ContainerHandlers, blobs: BlobHandlers) -> tuple[Operation, ...]:
    in_account = (
        operation("account", "GET", containers.containers, comp="list", query=_LISTED),
        *(
            operation("account", method, containers.account_information, comp="properties", restype="account")
            for method in ("GET", "HEAD")
        ),
    )
    container = "container"
    in_container = (
        operation("container", "PUT", containers.create, restype=container, headers=META),
        operation("container", "GET", containers.show, restype=container),
        operation("container", "HEAD", containers.show, restype=container),
        operation("container", "PUT", containers.set_metadata, restype=container, comp="metadata", headers=META),
        operation("container", "GET", containers.show, restype=container, comp="metadata"),
        operation("container", "DELETE", containers.delete, restype=container),
        operation("container", "GET", containers.blobs, restype=container, comp="list", query=f"{_LISTED} delimiter"),
    )
    return (*in_account, *in_container, *_of_blobs(blobs))


def _of_blobs(blobs: BlobHandlers) -> tuple[Operation, ...]:
    return (
        operation("blob", "GET", blobs.read, headers=f"{CONDITIONS} range x-ms-range"),
        operation("blob", "HEAD", blobs.read, headers=CONDITIONS),
        operation("blob", "PUT", blobs.put, headers=f"{WRITTEN} x-ms-blob-type"),
        operation("blob", "PUT", blobs.copy, headers=COPIED, copies=True),
        operation("blob", "PUT", blobs.put_block, comp="block", query="blockid", headers="content-md5"),
        operation("blob", "PUT", blobs.put_block_list, comp="blocklist", headers=WRITTEN),
        operation("blob", "PUT", blobs.set_metadata, comp="metadata", headers=f"{CONDITIONS} {META}"),
        operation("blob", "GET", blobs.show_metadata, comp="metadata", headers=CONDITIONS),
        operation("blob", "HEAD", blobs.show_metadata, comp="metadata", headers=CONDITIONS),
        operation("blob", "PUT", blobs.set_properties, comp="properties", headers=DESCRIBED),
        operation("blob", "GET", blobs.show_tags, comp="tags"),
        operation("blob", "PUT", blobs.set_tags, comp="tags"),
        operation("blob", "DELETE", blobs.delete, headers=f"{CONDITIONS} x-ms-delete-snapshots"),
    )


def routes(table: tuple[Operation, ...], containers: ContainerHandlers, access: Access) -> Sequence[Route]:
    """Each operation says what it obeys; the paths have it from them."""

    def at(where: Where) -> Handler:
        async def answer(request: Request, parameters: Mapping[str, str]) -> Response:
            account = containers.account(request)
            access.check(account, request, "/".join(parameters.values()))
            check_version(request)
            found = find(table, where, request)
            if not found.obeys.body:
                request = replace(request, body=await whole(request.stream()))
            if (asked := unobeyed(found.obeys, request)) is not None:
                raise asked.refusal(CODES)
            return await found.handler(request, parameters)

        return answer

    return (
        Route("*", "/", at("account"), obeys=EVERYTHING),
        Route("*", "/{container}", at("container"), obeys=EVERYTHING),
        Route("*", "/{container}/{blob:path}", at("blob"), streaming=True, obeys=EVERYTHING),
    )
