"""An error that says that a disk is full names what needed the room, which disk, and what helps."""

from __future__ import annotations

import errno
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from pluginbase.resource import ProviderError

_NO_SPACE = re.compile(r"no space left on device|disk quota exceeded", re.IGNORECASE)


def says_full(text: str) -> bool:
    """Whether a program's own words say that its disk is full."""
    return _NO_SPACE.search(text) is not None


def disk_full(what: str, detail: str) -> ProviderError:
    return ProviderError(
        f"no space left on this machine's disk for {what}: {detail.strip()}. Free some; temporary files go to "
        f"{tempfile.gettempdir()}, and TMPDIR names another folder for them"
    )


@contextmanager
def room_for(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise disk_full(what, str(error)) from error
        raise
