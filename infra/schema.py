"""Where a value does not fit a JSON schema, in words. https://json-schema.org/draft/2020-12"""

# mypy: disable-error-code="import-untyped"
from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

ValidationError = Any
"""jsonschema.ValidationError: the library is imported where there is something to compare."""

_LONGEST = 80
_TYPES = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a text",
}
_BOUNDS = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
    "exclusiveMaximum": "less than",
}


@dataclass(frozen=True, slots=True)
class Misfit:
    path: str
    """From `$`."""
    sent: str
    allowed: str


def misfit(schema: Mapping[str, Any], value: Any) -> Misfit | None:
    """The first one; None where it fits. A schema that is none fits everything."""
    from jsonschema.exceptions import SchemaError

    try:
        found = next(iter(_validator(json.dumps(schema, sort_keys=True)).iter_errors(value)), None)
    except SchemaError:
        return None
    if found is None:
        return None
    innermost = _innermost(found)
    return Misfit(str(innermost.json_path), _sent(innermost), _allowed(innermost.validator, innermost))


@lru_cache(maxsize=16)
def _validator(schema: str) -> Any:
    from jsonschema import Draft202012Validator

    document = json.loads(schema)
    Draft202012Validator.check_schema(document)
    return Draft202012Validator(document)


def _innermost(error: ValidationError) -> ValidationError:
    """Of alternatives, the one whose kind the value has: a wrong field of an object, not that it is no list either."""
    while error.context:
        branches: dict[Any, list[ValidationError]] = {}
        for one in error.context:
            branches.setdefault(one.schema_path[0] if error.validator != "allOf" else None, []).append(one)
        fitting = [errors for errors in branches.values() if not any(_is_of_another_kind(one, error) for one in errors)]
        if len(fitting) != 1:
            return error
        error = fitting[0][0]
    return error


def _is_of_another_kind(one: ValidationError, outer: ValidationError) -> bool:
    return bool(one.validator == "type" and one.absolute_path == outer.absolute_path)


def _sent(error: ValidationError) -> str:
    if error.validator == "required" and isinstance(error.instance, Mapping):
        return f"an object of {', '.join(map(repr, error.instance)) or 'nothing'}"
    text = json.dumps(error.instance, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _allowed(rule: Any, error: ValidationError) -> str:
    value = error.validator_value
    if rule == "required":
        lacking = next((name for name in value if name not in error.instance), value[0])
        return f"an object with {lacking!r}"
    if rule in ("anyOf", "oneOf"):
        return " or ".join(dict.fromkeys(_kind(error, branch) for branch in value))
    if rule == "type":
        return _kind(error, error.schema)
    if rule in _BOUNDS:
        return f"a number, {_BOUNDS[rule]} {value:g}"
    if rule in ("enum", "const"):
        return ", ".join(map(json.dumps, value if rule == "enum" else [value]))
    return f"{rule}: {json.dumps(value)}"[:_LONGEST]


def _kind(error: ValidationError, schema: Any) -> str:
    """A schema in words, as far as its type goes."""
    if not isinstance(schema, Mapping):
        return "nothing"
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    kinds = schema.get("type", "object")
    return " or ".join(_TYPES.get(one, str(one)) for one in ([kinds] if isinstance(kinds, str) else _texts(kinds)))


def _texts(kinds: Any) -> Sequence[str]:
    return [str(one) for one in kinds] if isinstance(kinds, list) else []
