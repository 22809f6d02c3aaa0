"""What stands around a deployment's modules in a file: an export of the hub, a file for `az`, a template of VS Code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cli.errors import Refused
from edge.manifest import AGENT, HUB
from edge.manifest.problem import Path, dotted

TEMPLATE_MARK = "$schema-template"
_OF_EXPORTS = (
    "id",
    "schemaVersion",
    "createdTimeUtc",
    "lastUpdatedTimeUtc",
    "etag",
    "systemMetrics",
    TEMPLATE_MARK,
    "$schema",
)
"""Whose meaning is the hub's or the tool's alone."""
_PLACEHOLDER = re.compile(r"\$\{[^}]*\}|\$[A-Z][A-Z0-9_]{2,}")
_OF_MODULES = re.compile(r"\$\{MODULE(?:S|DIR)\b")
_UNREAD = ("registryCredentials", "systemModules")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrapped:
    content: dict[str, Any]
    """What stands under `modulesContent`."""
    around: Mapping[str, Any] = field(default_factory=dict)
    """Beside it: labels, priority, targetCondition, metrics."""
    path: Path = ()


def unwrap(value: Mapping[str, Any]) -> Wrapped:
    """Raises Refused for what is no deployment of modules, and for a template with placeholders."""
    path, inner, around = _inside(value)
    if not isinstance(inner, dict):
        raise Refused(f"{dotted(path)}: an object is wanted")
    if AGENT not in inner:
        raise Refused(
            f"{dotted(path) or 'the top'}: {AGENT} is missing; a deployment's content is wanted, with {AGENT} and "
            f"{HUB}, by itself or under modulesContent or content.modulesContent"
        )
    _refuse_placeholders(inner, path, is_template=TEMPLATE_MARK in value)
    return Wrapped(content=inner, around={k: v for k, v in around.items() if k not in _OF_EXPORTS}, path=path)


def _inside(value: Mapping[str, Any]) -> tuple[Path, Any, dict[str, Any]]:
    path: Path = ()
    around: dict[str, Any] = {}
    inner: Any = value
    for key in ("content", "modulesContent"):
        if isinstance(inner, Mapping) and key in inner and AGENT not in inner:
            around |= {name: item for name, item in inner.items() if name != key}
            inner, path = inner[key], (*path, key)
    for other in ("deviceContent", "moduleContent"):
        if isinstance(inner, Mapping) and other in inner and AGENT not in inner:
            raise Refused(f"{dotted((*path, other))}: a configuration of twins alone is no deployment of modules")
    return path, inner, around


def _refuse_placeholders(content: Mapping[str, Any], path: Path, *, is_template: bool) -> None:
    found = list(_texts(content, path))
    if is_template or any(_OF_MODULES.search(text) for _, text in found):
        found = [(where, text) for where, text in found if _PLACEHOLDER.search(text)]
        if found:
            names = ", ".join(f"{dotted(where)} ({', '.join(_PLACEHOLDER.findall(text))})" for where, text in found)
            raise Refused(
                f"a template, with what a build or an environment puts in: {names}; give what the build wrote "
                "(config/deployment.<platform>.json), or write an image or a value there"
            )


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            if name not in _UNREAD:
                yield from _texts(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*path, index))
