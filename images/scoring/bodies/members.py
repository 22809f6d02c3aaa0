"""The members of a union of types."""

from __future__ import annotations

import typing
from types import UnionType
from typing import Any


def union_members(kind: Any) -> tuple[Any, ...]:
    """Empty where it is no union."""
    return typing.get_args(kind) if isinstance(kind, UnionType) or typing.get_origin(kind) is typing.Union else ()
