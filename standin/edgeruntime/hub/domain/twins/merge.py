"""JSON merge patches, as twins use them. https://www.rfc-editor.org/rfc/rfc7386"""

from __future__ import annotations

from typing import Any


def apply(document: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """A new document; null deletes."""
    result = dict(document)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            old = result.get(key)
            result[key] = apply(old if isinstance(old, dict) else {}, value)
        else:
            result[key] = value
    return result


def compose(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """The one patch that does what both do, one after the other."""
    result = dict(first)
    for key, value in second.items():
        old = result.get(key)
        if isinstance(value, dict) and isinstance(old, dict):
            result[key] = compose(old, value)
        else:
            result[key] = value
    return result


def difference(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """The patch that makes `new` of `old`."""
    patch: dict[str, Any] = dict.fromkeys(old.keys() - new.keys())
    for key, value in new.items():
        before = old.get(key)
        if isinstance(value, dict) and isinstance(before, dict):
            inner = difference(before, value)
            if inner:
                patch[key] = inner
        elif key not in old or before != value or isinstance(before, bool) != isinstance(value, bool):
            patch[key] = value
    return patch
