"""The call forms of Azure ML's own server: `run` is called in a thread, one call at a time, as that server does it.

It gets the body as text (or, for `bytes`, as it is), the request (`@rawhttp`), or the fields of a JSON object
(`inference_schema`). https://learn.microsoft.com/azure/machine-learning/how-to-inference-server-http
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable
from typing import Any

from images.scoring.bodies.json import json_object
from images.scoring.bodies.query import query_fields
from images.scoring.errors import BadRequest, MethodNotAllowed, RunFailed
from images.scoring.model.azureml import raw_request
from images.scoring.model.call_forms import CallForm, EncodedAnswer, no_json
from images.scoring.model.environ import header_names
from images.scoring.request import Request

_NOT_THE_SCRIPTS = frozenset(
    (
        *("connection", "content-length", "date", "keep-alive", "proxy-authenticate", "proxy-authorization", "server"),
        *("te", "trailers", "transfer-encoding", "upgrade"),
        *("x-ms-client-request-id", "x-ms-request-id", "x-ms-run-fn-exec-ms", "x-request-id"),
    )
)
"""Headers that are the server's: of a connection, of a request, of what it measures."""


_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
"""A name of a header, and what none may have: https://www.rfc-editor.org/rfc/rfc9110#name-field-values"""


def text_form(run: Callable[..., Any], name: str) -> CallForm:
    def decode(request: Request) -> dict[str, Any]:
        if request.method == b"GET":
            return {name: json.dumps(query_fields(request.query))}
        try:
            return {name: request.body.decode()}
        except UnicodeDecodeError as error:
            raise BadRequest(f"body is not UTF-8: byte {error.start}") from error

    return _form(run, decode)


def bytes_form(run: Callable[..., Any], name: str) -> CallForm:
    def decode(request: Request) -> dict[str, Any]:
        if request.method == b"GET":
            raise MethodNotAllowed("GET", "POST, OPTIONS")
        return {name: request.body}

    return _form(run, decode)


def fields_form(run: Callable[..., Any], parameters: list[inspect.Parameter], schemas: tuple[Any, Any]) -> CallForm:
    """`inference_schema` converts what it gets by name."""

    def decode(request: Request) -> dict[str, Any]:
        fields = query_fields(request.query) if request.method == b"GET" else json_object(request)
        missing = [p.name for p in parameters if p.name not in fields and p.default is inspect.Parameter.empty]
        if missing:
            raise BadRequest(f"{missing[0]} is missing", path=f"$.{missing[0]}")
        return {p.name: fields.get(p.name, p.default) for p in parameters}

    return _form(run, decode, schemas)


def raw_form(run: Callable[..., Any], name: str) -> CallForm:
    return _form(run, lambda request: {name: raw_request(request)})


def _form(
    run: Callable[..., Any], decode: Callable[[Request], dict[str, Any]], schemas: tuple[Any, Any] | None = None
) -> CallForm:
    wants_headers = "request_headers" in inspect.signature(run).parameters

    def with_headers(request: Request) -> dict[str, Any]:
        return {**decode(request), "request_headers": header_names(request.headers)}

    return CallForm(
        decode=with_headers if wants_headers else decode,
        call=lambda arguments: run(**arguments),
        encode=_encoded,
        schemas=schemas,
    )


def _encoded(result: Any) -> EncodedAnswer:
    """As Azure ML's own server does it, byte for byte: Python's JSON, and `{}` for nothing."""
    if hasattr(result, "get_data") and hasattr(result, "status_code"):
        return _from_response(result)
    try:
        return EncodedAnswer(json.dumps({} if result is None else result).encode())
    except (TypeError, ValueError, RecursionError) as error:
        raise no_json(result, error) from error


def _from_response(response: Any) -> EncodedAnswer:
    """An AMLResponse, or any other werkzeug response."""
    status = int(response.status_code)
    if not 200 <= status <= 999 or not str(response.status).isprintable():
        raise RunFailed(f"run() answered with status {response.status!r}, allowed are 200 to 999")
    lines = []
    failed = b"True" if status >= 500 else b"False"
    # also the form in which a location may travel, and what a 304 may say
    for name, value in response.get_wsgi_headers({}).items():
        if name.lower() == "x-ms-run-function-failed":
            failed = b"True" if status >= 500 else str(value).encode("latin-1", "replace")
        elif name.lower() not in _NOT_THE_SCRIPTS:
            lines.append(_line(str(name), str(value)))
    head = b"".join(lines) + b"x-ms-run-function-failed: %b\r\n" % failed
    return EncodedAnswer(_body(response), status, head)


def _body(response: Any) -> bytes:
    """The whole of it, what the script streams too: an answer has a length here, and one that fails half-way a 500."""
    try:
        return b"".join(response.iter_encoded())
    finally:
        response.close()


def _line(name: str, value: str) -> bytes:
    try:
        line = f"{name}: {value}".encode("latin-1")
    except UnicodeEncodeError as error:
        raise RunFailed(f"run() answered with a header {name!r} that is not latin-1") from error
    if not _TOKEN.fullmatch(name) or _CONTROL.search(line):
        raise RunFailed(f"run() answered with a header {name!r} that HTTP does not allow")
    return line + b"\r\n"
