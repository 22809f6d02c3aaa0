"""The service described from the card: OpenAPI 3.1, whose schemas are JSON schemas. https://spec.openapis.org/oas/v3.1.0"""

from __future__ import annotations

from typing import Any

from contracts.card import Card


def document(card: Card, own: tuple[Any, Any] | None = None) -> dict[str, Any]:
    """`own` are the schemas of a script that describes itself, by `inference_schema`."""
    schemas: dict[str, Any] = {}
    request, answer = (_moved(dict(schema), schemas) for schema in own or (card.input, card.output))
    example = next((golden.input for golden in card.golden), None)
    body: dict[str, Any] = {"schema": request, **({} if example is None else {"example": example})}
    return {
        "openapi": "3.1.0",
        "info": {"title": card.name, "version": card.data.sha256[:12], "license": {"name": card.licence}},
        "components": {
            "schemas": schemas,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"key": []}, {}],
        "paths": {
            "/": {"get": {"operationId": "live", "responses": {"200": {"description": "the process is alive"}}}},
            "/score": {
                "post": {
                    "operationId": "score",
                    "requestBody": {"required": True, "content": {"application/json": body}},
                    "responses": {
                        "200": {"description": "scored", "content": {"application/json": {"schema": answer}}},
                        "400": {"description": "the body does not fit; the error names the field"},
                        "401": {"description": "the key is missing or wrong"},
                        "413": {"description": "the body is too large"},
                        "503": {"description": "not ready, or too many requests in flight"},
                    },
                }
            },
        },
    }


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
