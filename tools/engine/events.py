"""What the engine says, one JSON document a line, and what of a step a reader wants to know.

https://github.com/pulumi/pulumi/blob/master/sdk/go/common/apitype/events.go
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cloud.access.roles import role_name

_STEP = re.compile(r"\[(\d+)\]|\[\"((?:[^\"\\]|\\.)*)\"\]|([^.\[\]]+)")
_LONGEST_VALUE = 24
# What the engine writes for a value that only the run will show (resource.UnknownStringValue and the like).
_UNKNOWN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
_NOTHING = object()


def event_of(line: str) -> dict[str, Any] | None:
    """None for a line that is no event."""
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and "sequence" in event else None


def events_of(log: Path) -> list[dict[str, Any]]:
    """Of an event log, which may end within a line."""
    return [event for line in log.read_text().splitlines() if (event := event_of(line)) is not None]


def is_resource(step: Mapping[str, Any]) -> bool:
    """Components are made of others, and providers are the engine's own: nothing happens to them."""
    kind = str(step["type"])
    state = step.get("new") or step.get("old") or {}
    return bool(state.get("custom")) and not kind.startswith("pulumi:")


def label(step: Mapping[str, Any]) -> str:
    """`ContainerGroup anomaly`; a role assignment by the role's name: `AcrPull for scoring-pull-registry`."""
    state = step.get("new") or step.get("old") or {}
    role = (state.get("inputs") or {}).get("roleDefinitionId")
    name = step["urn"].rpartition("::")[2]
    return f"{role_name(str(role))} for {name}" if role else short(step["urn"])


def short(urn: str) -> str:
    """A resource by its type and its name in the program."""
    kind, name = urn.split("::")[-2:]
    return f"{kind.rpartition(':')[2]} {name}"


def changes(step: Mapping[str, Any]) -> Iterator[str]:
    """The paths that differ, with both values where these are short and known."""
    old, new = ((step.get(side) or {}).get("inputs") or {} for side in ("old", "new"))
    for path in step.get("detailedDiff") or dict.fromkeys(step.get("diffs") or ()):
        before, after = _shown(value_at(old, path)), _shown(value_at(new, path))
        known = before is not None and after is not None and before != after
        yield f"{path} {before} -> {after}" if known else path


def value_at(values: Any, path: str) -> Any:
    """By the engine's spelling of a path: `containers[0].image`, `content["a.b"].c`."""
    for index, quoted, plain in _STEP.findall(path):
        key = quoted or plain
        if index and isinstance(values, list) and int(index) < len(values):
            values = values[int(index)]
        elif not index and isinstance(values, dict) and key in values:
            values = values[key]
        else:
            return _NOTHING
    return values


def _shown(value: Any) -> str | None:
    """None for what is too much for a line, or not known yet."""
    if value is _NOTHING:
        return "none"
    if isinstance(value, dict | list):
        return None
    text = value if isinstance(value, str) else json.dumps(value)
    return text if 0 < len(text) <= _LONGEST_VALUE and text.isprintable() and not _UNKNOWN.fullmatch(text) else None
