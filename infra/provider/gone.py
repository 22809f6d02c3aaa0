"""A service's "there is no such thing", told to the engine as what it means for a resource."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cloud.errors import ServiceError, is_missing
from pluginbase.resource import Gone


@contextmanager
def gone_if_missing() -> Iterator[None]:
    """Around the calls of a `read` or a `delete`: Gone instead of the service's 404."""
    try:
        yield
    except ServiceError as error:
        if is_missing(error):
            raise Gone(str(error)) from error
        raise
