"""What changed behind Pulumi's back, told as a change of inputs.

Azure answers with defaults that the program never gave. So what is compared is not inputs with the live resource, but
the live resource with what it was after the last operation; only that difference is applied to the inputs.
"""

from __future__ import annotations

import json
from typing import Any

from pluginbase.resource import Properties


def drifted(inputs: Properties, before: Properties, now: Properties) -> Properties:
    """The inputs, with the difference between two input-shaped views of the resource applied."""
    changed = dict(inputs)
    for name in before.keys() | now.keys():
        if name not in now:
            changed.pop(name, None)
        elif name not in before or name not in inputs:
            if name not in before or not _same(before[name], now[name]):
                changed[name] = now[name]
        else:
            changed[name] = _value(inputs[name], before[name], now[name])
    return changed


def _value(given: Any, before: Any, now: Any) -> Any:
    if _same(before, now):
        return given
    if isinstance(given, dict) and isinstance(before, dict) and isinstance(now, dict):
        return drifted(given, before, now)
    if isinstance(given, list) and isinstance(before, list) and isinstance(now, list):
        return _list(given, before, now)
    return now


def _list(given: list[Any], before: list[Any], now: list[Any]) -> list[Any]:
    """Element by element where there are as many and of the same names: what Azure never returns then stays."""
    if len(given) == len(before) == len(now) and _names(before) == _names(now):
        return [_value(*parts) for parts in zip(given, before, now, strict=True)]
    return now


def _names(items: list[Any]) -> list[Any]:
    return [item.get("name") if isinstance(item, dict) else None for item in items]


def _same(before: Any, now: Any) -> bool:
    """Equal, but for the order of lists: Azure does not keep it everywhere."""
    return bool(before == now) or _sorted(before) == _sorted(now)


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(item) for key, item in value.items()}
    if isinstance(value, list):
        return sorted((_sorted(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    return value
