"""The table of a storage account's blob operations."""

from __future__ import annotations

from collections.abc import Sequence

from standin.blob.handlers import BlobHandlers
from standin.core.http import Route


def routes(handlers: BlobHandlers) -> Sequence[Route]:
    return (
        Route("*", "/", handlers.account),
        Route("*", "/{container}", handlers.container),
        Route("GET", "/{container}/{blob:path}", handlers.read),
        Route("HEAD", "/{container}/{blob:path}", handlers.read),
        Route("PUT", "/{container}/{blob:path}", handlers.write, streaming=True),
        Route("DELETE", "/{container}/{blob:path}", handlers.delete),
    )
