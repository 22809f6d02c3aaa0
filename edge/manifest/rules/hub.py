"""Rules of `$edgeHub.properties.desired`, schemas 1.0 to 1.3: routes that parse, lead somewhere, mean what they say."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from edge.manifest.modules import SCHEMA_VERSION
from edge.manifest.problem import Path
from edge.manifest.routes.lexer import RouteSyntaxError
from edge.manifest.routes.route import parse_route
from edge.manifest.rules.agent import MAX_UINT, TWIN_NAME, TWIN_NAME_ALLOWED
from edge.manifest.rules.shape import Check, Walk, closed, mapping, one_of, shown, whole

_VERSIONS = ("1.0", SCHEMA_VERSION, "1.2", "1.3")
_MAX_INT = 2**31 - 1

# edgeHub reads it into a C# int (StoreAndForwardConfiguration.cs), whatever the published schema allows.
time_to_live = whole(-1, _MAX_INT)
STORED = closed({"timeToLiveSecs": time_to_live}, {"storeLimits": closed({"maxSizeBytes": whole(0, 2**63 - 1)})})


def hub_desired(known_modules: Collection[str]) -> Check:
    """edgeHub stops when storeAndForwardConfiguration is missing, although the published schema lets it be."""
    check = closed(
        {
            "schemaVersion": one_of(*_VERSIONS),
            "routes": mapping(TWIN_NAME, TWIN_NAME_ALLOWED, route(known_modules)),
            "storeAndForwardConfiguration": STORED,
        }
    )

    def of_its_version(walk: Walk, path: Path, value: Any) -> None:
        check(walk, path, value)
        routes = value.get("routes") if isinstance(value, Mapping) else None
        if isinstance(routes, Mapping) and value.get("schemaVersion") == "1.0":
            for name, one in routes.items():
                if isinstance(one, Mapping):
                    reason = f"in schema 1.0 a route is text, and edgeHub stops at an object: write {SCHEMA_VERSION}"
                    walk.add((*path, "routes", name), reason)

    return of_its_version


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
        in_any_case = {name.lower() for name in known_modules}  # edgeHub compares sources so, and sinks not
        source, sink = parsed.source_module, parsed.sink_module
        if source is not None and source.lower() not in in_any_case:
            walk.add(path, _not_deployed(source, known_modules), value.find("/") + 1)
        if sink is not None and sink not in known_modules:
            walk.add(path, _not_deployed(sink, known_modules), value.rfind("(") + 1)

    return check


def _not_deployed(module: str, known_modules: Collection[str]) -> str:
    same = next((name for name in known_modules if name.lower() == module.lower()), None)
    hint = f": it is {same!r} there, and in a sink case counts" if same else ""
    known = ", ".join(sorted(known_modules)) or "none"
    return f"the route names the module {module!r}, which is not deployed{hint}; there are: {known}"
