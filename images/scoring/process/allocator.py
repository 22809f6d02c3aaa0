"""How much of what was freed malloc keeps for the next request.

By itself glibc gives the end of its heap back as soon as 128 KiB are free there, and maps each larger block by itself:
a body of 160 KB would then have 170 pages mapped and cleared anew, a tenth of the time of its request.
https://man7.org/linux/man-pages/man3/mallopt.3.html
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
KEPT_BYTES = 2 * 1024 * 1024
"""Free at the end of the heap; more is given back."""
ON_THE_HEAP_BYTES = 1024 * 1024
"""Blocks up to this size; larger ones go back as soon as they are freed."""


def keep_freed_memory() -> None:
    """Of this process; where malloc is not glibc's, nothing is changed."""
    if mallopt := _of_glibc("mallopt"):
        mallopt(_TRIM_THRESHOLD, KEPT_BYTES)
        mallopt(_MMAP_THRESHOLD, ON_THE_HEAP_BYTES)


def give_back_freed_memory() -> None:
    """All that is free now, wherever it lies: what reading a network took lies between the blocks that stay.

    https://man7.org/linux/man-pages/man3/malloc_trim.3.html
    """
    if malloc_trim := _of_glibc("malloc_trim"):
        malloc_trim(0)


def _of_glibc(name: str) -> Callable[..., Any] | None:
    return getattr(ctypes.CDLL(None), name, None)
