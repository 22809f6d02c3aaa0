"""What a body form is: a way in which values travel as the bytes of a request, an answer or a message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from images.scoring.request import Request

Decode = Callable[[Request], Any]
"""Raises BadRequest, naming the field where there is one."""
JsonSchema = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    name: str
    """As it is called in what is said to users."""
    media_types: tuple[bytes, ...]
    """In lower case. A request whose media type begins with one of them is in this form."""
    carries: Callable[[Any], bool]
    """Whether a Python type comes in this form; asked of each member of the type of `run`'s parameter."""
    decoder: Callable[[Any], Decode]
    """From such a type to the function that makes a value of it; raises TypeError for a type that it cannot decode."""
    encode: Callable[[Any], bytes]
    """Raises TypeError, ValueError or RecursionError for a value that has no such form."""
    schema: Callable[[JsonSchema], JsonSchema] | None = None
    """From the JSON schema of the card to the one that /swagger.json shows for this form; None: it is not shown."""
