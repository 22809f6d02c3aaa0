"""Rules of `$edgeHub.properties.desired`, schema 1.1: routes that parse, lead somewhere, mean what they say."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from edge.manifest.modules import SCHEMA_VERSION
from edge.manifest.problem import Path
from edge.manifest.routes.lexer import RouteSyntaxError
from edge.manifest.routes.route import parse_route
from edge.manifest.rules.agent import MAX_UINT
from edge.manifest.rules.shape import Check, Walk, closed, mapping, one_of, shown, whole

_ROUTE_NAME = r"[^.$#\s]+"


def _ttl(walk: Walk, path: Path, value: Any) -> None:
    whole(-1, MAX_UINT)(walk, path, value)


def hub_desired(known_modules: Collection[str]) -> Check:
    """edgeHub stops when storeAndForwardConfiguration is missing, although the published schema lets it be."""
    return closed(
        {
            "schemaVersion": one_of(SCHEMA_VERSION),
            "routes": mapping(_ROUTE_NAME, ". $ # and white space are not allowed", route(known_modules)),
            "storeAndForwardConfiguration": closed({"timeToLiveSecs": _ttl}),
        }
    )


def route(known_modules: Collection[str]) -> Check:
    expression = _expression(known_modules)
    detailed = closed({"route": expression}, {"priority": whole(0, 9), "timeToLiveSecs": whole(0, MAX_UINT)})

    def check(walk: Walk, path: Path, value: Any) -> None:
        (detailed if isinstance(value, Mapping) else expression)(walk, path, value)

    return check


def _expression(known_modules: Collection[str]) -> Check:
    def check(walk: Walk, path: Path, value: Any) -> None:
        if not isinstance(value, str):
            walk.add(path, f"{shown(value)} is refused; a route such as 'FROM /messages/* INTO $upstream' is wanted")
            return
        try:
            parsed, lints = parse_route(value)
        except RouteSyntaxError as error:
            walk.add(path, error.reason, error.column)
            return
        for lint in lints:
            walk.add(path, lint.reason, lint.column)
        for module, column in ((parsed.source_module, value.find("/") + 1), (parsed.sink_module, value.rfind("(") + 1)):
            if module is not None and module not in known_modules:
                known = ", ".join(sorted(known_modules)) or "none"
                walk.add(
                    path, f"the route names the module {module!r}, which is not deployed; there are: {known}", column
                )

    return check
