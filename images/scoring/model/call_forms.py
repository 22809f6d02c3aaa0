"""A call form: how a request becomes the arguments of an entry script's `run`, and its result an answer.

The script says by its signature which one it wants. Here is the typed form: a msgspec struct among the types of the
parameter; the body is decoded straight into it and `run` is called on the event loop. Azure ML's own: azureml_forms.py.
"""

from __future__ import annotations

import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from images.scoring.bodies import bodies_of, by_media_type
from images.scoring.bodies.body import Body, Decode
from images.scoring.bodies.json import JSON
from images.scoring.bodies.members import union_members
from images.scoring.errors import RunFailed, StartError
from images.scoring.model.own_paths import OwnPaths
from images.scoring.request import Request

_to_json = JSON.encode


class EncodedAnswer(msgspec.Struct, frozen=True):
    """What `run` gave, as it goes out."""

    content: bytes
    status: int = 200
    """An HTTP status code."""
    head: bytes | None = None
    """HTTP header lines that the script itself set; None where it is JSON like any other answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallForm:
    decode: Callable[[Request], Any]
    """Request to what `call` takes; raises BadRequest."""
    call: Callable[[Any], Any]
    encode: Callable[[Any], EncodedAnswer]
    """Raises RunFailed for what cannot be sent."""
    bodies: tuple[Body, ...] = (JSON,)
    """The forms in which a request's body may come."""
    on_loop: bool = False
    """Called on the event loop: it must be quick, as a model in ONNX Runtime is."""
    takes_lists: bool = False
    """Several requests may be called as one list."""
    schemas: tuple[Any, Any] | None = None
    """JSON schemas of request and answer, where the script itself describes them."""
    paths: OwnPaths | None = None
    """Of HTTP, at which it answers as well."""


def typed_form(run: Callable[..., Any], kind: Any, where: str, *, slow: bool = False) -> CallForm:
    """For a parameter of the type `kind`; `where` is the script's name. One that is `slow` is called in the script's
    own thread, beside the event loop. Raises StartError."""
    bodies = bodies_of(kind)
    return CallForm(
        decode=by_media_type({body: _decoder(body, part, where) for body, part in bodies.items()}),
        call=run,
        encode=_encoded,
        bodies=tuple(bodies),
        on_loop=not slow,
        takes_lists=any(typing.get_origin(member) is list for member in union_members(kind)),
    )


def _decoder(body: Body, kind: Any, where: str) -> Decode:
    try:
        return body.decoder(kind)
    except TypeError as error:
        raise StartError(
            f"run() of {where} takes {kind!r}, which cannot be decoded from {body.name}: {error}"
        ) from error


def _encoded(result: Any) -> EncodedAnswer:
    try:
        return EncodedAnswer(_to_json(result))
    except (TypeError, ValueError, RecursionError) as error:
        raise no_json(result, error) from error


def no_json(result: Any, error: Exception) -> RunFailed:
    return RunFailed(f"run() returned {type(result).__name__}, which is no JSON", detail=str(error))
