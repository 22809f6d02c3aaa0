"""Values as the SDK sends them to the engine and gets them back: secrets and unknowns are marked in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi.output import Unknown
from pulumi.runtime import rpc

UNKNOWN = "<unknown>"
"""Stands for what is not known yet, in what a dry run records."""


def plain(value: Any, path: str = "") -> tuple[Any, list[str]]:
    """A wire value without secret marks, and the paths that were marked."""
    if value == rpc.UNKNOWN:
        return UNKNOWN, []
    if isinstance(value, Mapping):
        if value.get(rpc._special_sig_key) == rpc._special_secret_sig:
            inner, more = plain(value["value"], path)
            return inner, [path, *more]
        parts = {key: plain(item, f"{path}.{key}".lstrip(".")) for key, item in value.items()}
        return {key: part for key, (part, _) in parts.items()}, [mark for _, marks in parts.values() for mark in marks]
    if isinstance(value, list):
        items = [plain(item, f"{path}[{index}]") for index, item in enumerate(value)]
        return [part for part, _ in items], [mark for _, marks in items for mark in marks]
    return value, []


def on_the_wire(value: Any) -> Any:
    """Unknowns as the text that they travel as, so that they can be echoed."""
    if isinstance(value, Unknown):
        return rpc.UNKNOWN
    if isinstance(value, Mapping):
        return {key: on_the_wire(item) for key, item in value.items()}
    return [on_the_wire(item) for item in value] if isinstance(value, list) else value


def short(urn: str) -> str:
    """`type name` of a URN; empty for the stack."""
    if not urn or "pulumi:pulumi:Stack::" in urn:
        return ""
    _, _, types, name = urn.removeprefix("urn:pulumi:").split("::")
    return f"{types.rpartition('$')[2]} {name}"
