"""The ways to call an entry script's `run`, chosen by what it says of itself when it is loaded.

A msgspec struct among its parameter's types: the typed lane, decoded straight from the body and called on the event
loop. All others are called in a thread, as Azure ML's own server calls them: with the body as text (or, for `bytes`, as
it is), with the request (`@rawhttp`), or with the fields of a JSON object (`inference_schema`).
https://learn.microsoft.com/azure/machine-learning/how-to-inference-server-http
"""

from __future__ import annotations

import inspect
import json
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from images.scoring.bodies.json_refusal import refusal
from images.scoring.errors import BadRequest, MethodNotAllowed, RunFailed, StartError, UnsupportedMediaType
from images.scoring.request import Request

_RAW_MEDIA = (b"application/octet-stream", b"image/", b"audio/", b"video/")
_NOT_THE_SCRIPTS = frozenset(("content-length", "connection", "transfer-encoding", "date", "x-ms-run-fn-exec-ms"))


class Body(msgspec.Struct, frozen=True):
    """What `run` gave, as it goes out."""

    content: bytes
    status: int = 200
    head: bytes | None = None
    """Header lines; none where it is JSON like any other answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallForm:
    decode: Callable[[Request], Any]
    """Request to what `call` takes; raises BadRequest."""
    call: Callable[[Any], Any]
    encode: Callable[[Any], Body]
    """Raises RunFailed for what cannot be sent."""
    on_loop: bool = False
    """Called on the event loop: it must be quick, as a model in ONNX Runtime is."""
    takes_lists: bool = False
    """Several requests may be called as one list."""
    schemas: tuple[Any, Any] | None = None
    """Of request and answer, where the script itself describes them."""


# the typed lane


def typed_form(run: Callable[..., Any], kind: Any, where: str) -> CallForm:
    members = typing.get_args(kind) if isinstance(kind, UnionType) or typing.get_origin(kind) is typing.Union else ()
    raw = bytes in members
    if raw:
        kind = typing.Union[tuple(member for member in members if member is not bytes)]  # noqa: UP007 - built at run time
    try:
        decode = msgspec.json.Decoder(kind).decode
    except TypeError as error:
        raise StartError(f"run() of {where} takes {kind!r}, which cannot be decoded from JSON: {error}") from error

    def from_json(request: Request) -> Any:
        body = request.body if request.method != b"GET" else query_object(request.query)
        try:
            return decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise refusal(error, body) from error

    def from_either(request: Request) -> Any:
        return request.body if request.media_type.startswith(_RAW_MEDIA) else from_json(request)

    return CallForm(
        decode=from_either if raw else from_json,
        call=run,
        encode=encode_typed,
        on_loop=True,
        takes_lists=any(typing.get_origin(member) is list for member in members),
    )


def encode_typed(result: Any) -> Body:
    try:
        return Body(msgspec.json.encode(result))
    except (TypeError, ValueError, RecursionError) as error:
        raise no_json(result, error) from error


def is_typed(kind: Any) -> bool:
    """Whether a struct is anywhere in it: other annotations are only notes in Azure ML's own server, and so here."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return True
    return any(is_typed(part) for part in typing.get_args(kind))


# Azure ML's lanes


def text_form(run: Callable[..., Any], name: str) -> CallForm:
    def decode(request: Request) -> dict[str, Any]:
        if request.method == b"GET":
            return {name: json.dumps(query_fields(request.query))}
        try:
            return {name: request.body.decode()}
        except UnicodeDecodeError as error:
            raise BadRequest(f"body is not UTF-8: byte {error.start}") from error

    return azureml_form(run, decode)


def bytes_form(run: Callable[..., Any], name: str) -> CallForm:
    def decode(request: Request) -> dict[str, Any]:
        if request.method == b"GET":
            raise MethodNotAllowed("GET", "POST, OPTIONS")
        return {name: request.body}

    return azureml_form(run, decode)


def fields_form(run: Callable[..., Any], parameters: list[inspect.Parameter], schemas: tuple[Any, Any]) -> CallForm:
    """`inference_schema` converts what it gets by name."""

    def decode(request: Request) -> dict[str, Any]:
        fields = query_fields(request.query) if request.method == b"GET" else _object(request)
        missing = [p.name for p in parameters if p.name not in fields and p.default is inspect.Parameter.empty]
        if missing:
            raise BadRequest(f"{missing[0]} is missing", path=f"$.{missing[0]}")
        return {p.name: fields.get(p.name, p.default) for p in parameters}

    return azureml_form(run, decode, schemas)


def raw_form(run: Callable[..., Any], name: str, make: Callable[[Request], Any]) -> CallForm:
    return azureml_form(run, lambda request: {name: make(request)})


def azureml_form(
    run: Callable[..., Any], decode: Callable[[Request], dict[str, Any]], schemas: tuple[Any, Any] | None = None
) -> CallForm:
    wants_headers = "request_headers" in inspect.signature(run).parameters

    def with_headers(request: Request) -> dict[str, Any]:
        return {**decode(request), "request_headers": header_names(request.headers)}

    return CallForm(
        decode=with_headers if wants_headers else decode,
        call=lambda arguments: run(**arguments),
        encode=encode_azure,
        schemas=schemas,
    )


def encode_azure(result: Any) -> Body:
    """As Azure ML's own server does it, byte for byte: Python's JSON, and `{}` for nothing."""
    if hasattr(result, "get_data") and hasattr(result, "status_code"):
        return _from_response(result)
    try:
        return Body(json.dumps({} if result is None else result).encode())
    except (TypeError, ValueError, RecursionError) as error:
        raise no_json(result, error) from error


def _from_response(response: Any) -> Body:
    """An AMLResponse, or any other werkzeug response."""
    status = int(response.status_code)
    if not 200 <= status <= 999:
        raise RunFailed(f"run() answered with status {status}, allowed are 200 to 999")
    lines = []
    failed = b"True" if status >= 500 else b"False"
    for name, value in response.headers.items():
        if name.lower() == "x-ms-run-function-failed":
            failed = b"True" if status >= 500 else str(value).encode("latin-1", "replace")
        elif name.lower() not in _NOT_THE_SCRIPTS:
            lines.append(_line(str(name), str(value)))
    head = b"".join(lines) + b"x-ms-run-function-failed: %b\r\n" % failed
    return Body(response.get_data(), status, head)


def _line(name: str, value: str) -> bytes:
    try:
        line = f"{name}: {value}".encode("latin-1")
    except UnicodeEncodeError as error:
        raise RunFailed(f"run() answered with a header {name!r} that is not latin-1") from error
    if not name or any(byte < 32 and byte != 9 for byte in line) or not name.isascii() or " " in name or ":" in name:
        raise RunFailed(f"run() answered with a header {name!r} that HTTP does not allow")
    return line + b"\r\n"


def no_json(result: Any, error: Exception) -> RunFailed:
    return RunFailed(f"run() returned {type(result).__name__}, which is no JSON", detail=str(error))


def query_fields(query: bytes) -> dict[str, Any]:
    """`a=1&b=x&b=[2]` is {"a": 1, "b": ["x", [2]]}."""
    fields: dict[str, list[Any]] = {}
    try:
        for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True, max_num_fields=1000):
            fields.setdefault(name, []).append(_json_or_text(value))
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"query cannot be read: {error}") from error
    return {name: values[0] if len(values) == 1 else values for name, values in fields.items()}


def query_object(query: bytes) -> bytes:
    return msgspec.json.encode(query_fields(query))


def _json_or_text(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value


def _object(request: Request) -> dict[str, Any]:
    media = request.media_type
    if media != b"application/json" and not (media.startswith(b"application/") and media.endswith(b"+json")):
        shown = media.decode("latin-1") or "missing"
        raise UnsupportedMediaType(f"content-type is {shown}, allowed is application/json")
    try:
        value = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        what = f"body is not JSON: {error}" if request.body else "body is empty, must be a JSON object"
        raise BadRequest(what, path="$") from error
    if not isinstance(value, dict):
        raise BadRequest(f"body is {type(value).__name__}, must be a JSON object", path="$")
    return value


def header_names(headers: Mapping[bytes, bytes]) -> dict[str, str]:
    """As scripts know them: Content-Type, not content-type."""
    return {name.decode("latin-1").title(): value.decode("latin-1") for name, value in headers.items()}
