"""The service described from the card: OpenAPI 3.1, whose schemas are JSON schemas. https://spec.openapis.org/oas/v3.1.0"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from contracts.card import Card
from images.scoring.bodies.body import Body
from images.scoring.bodies.json import JSON

REFUSED = "edgeway.Refused"
"""No struct of an entry script can have this name."""
WHY = {
    400: "the body, the query or the request does not fit; the error names the field",
    401: "the key is missing or wrong",
    408: "the request did not arrive in time",
    413: "the body, or what gzip unpacks to, is too large",
    415: "a content encoding but gzip, or a content type that the model does not take",
    431: "the head, or an id in it, is too long",
    500: "the model failed or took too long",
    503: "not ready, or too many requests in flight",
}
EVERYWHERE = (400, 408, 413, 431)
_PARTS = re.compile(r"\{([A-Za-z_]+)\}")


def document(
    card: Card,
    bodies: Sequence[Body],
    own: tuple[Any, Any] | None = None,
    *,
    paths: Sequence[str] = (),
    keyed: bool = False,
) -> dict[str, Any]:
    """`bodies` are the forms that a request may have. `own` are the schemas of request and answer of a script that
    describes itself, by `inference_schema`, `paths` those that are /score by another name. `keyed`: a key is asked
    for."""
    schemas: dict[str, Any] = {REFUSED: _REFUSAL}
    request, answer = (_moved(dict(schema), schemas) for schema in own or (card.input, card.output))
    security: dict[str, Any] = {"security": [{"key": []}]} if keyed else {}
    guarded = (*EVERYWHERE, 401) if keyed else EVERYWHERE
    score = _score(_requests(card, bodies, request), answer, (*guarded, 415, 500, 503), security)
    return {
        "openapi": "3.1.0",
        "info": {"title": card.name, "version": card.data.sha256[:12], "license": {"name": card.licence}},
        "components": {
            "schemas": schemas,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
        "paths": {
            **{path: _by_another_name(path, score, place) for place, path in enumerate(paths, start=1)},
            "/": _probe("root", "the process is alive", "text/html"),
            "/live": _probe("live", "the process is alive", "text/html"),
            "/ready": _probe("ready", "the golden examples agree", "application/json"),
            "/score": score,
            "/swagger.json": {
                "get": _answers("swagger", "this document", "application/json", (*guarded, 503)) | security
            },
            "/metrics": {"get": _answers("metrics", "for Prometheus", "text/plain", guarded) | security},
        },
    }


_REFUSAL = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "path": {"type": "string", "description": "where in the body, such as $.machine.temperature"},
            },
        }
    },
}


def _requests(card: Card, bodies: Sequence[Body], schema: dict[str, Any]) -> dict[str, Any]:
    """By media type."""
    first = next((golden.input for golden in card.golden if golden.body is None), None)
    example = {} if first is None else {"example": first}
    return {
        body.media_types[0].decode(): {"schema": body.schema(schema), **(example if body is JSON else {})}
        for body in bodies
        if body.schema is not None
    }


def _score(
    requests: dict[str, Any], answer: dict[str, Any], refused: tuple[int, ...], security: dict[str, Any]
) -> dict[str, Any]:
    query = {"name": "fields", "in": "query", "style": "form", "explode": True, "schema": {"type": "object"}}
    return {
        "post": _answers("score", "scored", "application/json", refused, answer)
        | {"requestBody": {"required": True, "content": requests}}
        | security,
        "get": _answers("scoreQuery", "scored: the query as a JSON object", "application/json", refused, answer)
        | {"parameters": [query]}
        | security,
        "options": _answers("options", "what a browser's preflight asks for", "text/html", EVERYWHERE),
    }


def _by_another_name(path: str, score: dict[str, Any], place: int) -> dict[str, Any]:
    """An operation's id comes once in a document."""
    names = dict.fromkeys(_PARTS.findall(path))
    parts = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]
    posted = {**score["post"], "operationId": f"score{place}"}
    return {"post": posted, **({"parameters": parts} if parts else {})}


def _probe(name: str, alive: str, content_type: str) -> dict[str, Any]:
    return {
        "get": _answers(name, alive, content_type, (*EVERYWHERE, 503)),
        "head": _answers(f"{name}Head", alive, None, (*EVERYWHERE, 503)),
    }


def _answers(
    name: str, good: str, content_type: str | None, refused: tuple[int, ...], schema: dict[str, Any] | None = None
) -> dict[str, Any]:
    refusal = {"application/json": {"schema": {"$ref": f"#/components/schemas/{REFUSED}"}}}
    ok: dict[str, Any] = {"description": good}
    if content_type is not None:
        ok["content"] = {content_type: {} if schema is None else {"schema": schema}}
    refusals = {str(status): {"description": WHY[status], "content": refusal} for status in sorted(refused)}
    return {"operationId": name, "responses": {"200": ok, **refusals}}


def _moved(schema: dict[str, Any], into: dict[str, Any]) -> dict[str, Any]:
    """Definitions live in one place of an OpenAPI document."""
    for name, definition in schema.pop("$defs", {}).items():
        into[name] = _referring(definition)
    moved: dict[str, Any] = _referring(schema)
    return moved


def _referring(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _referring(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_referring(item) for item in value]
    if isinstance(value, str) and value.startswith("#/$defs/"):
        return value.replace("#/$defs/", "#/components/schemas/", 1)
    return value
