"""The detailed difference between old and new inputs, in the engine's own path syntax.

https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/property_path.go
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

from pluginbase.values import UNKNOWN, Path, Properties

Kind = Literal["add", "delete", "update"]


class Change(NamedTuple):
    """A changed input. `replace`: it cannot be changed in place."""

    path: Path
    kind: Kind
    replace: bool = False

    @property
    def text(self) -> str:
        return render(self.path)


_PLAIN_KEY = re.compile(r"[A-Za-z_$][A-Za-z0-9_$-]*")


def render(path: Path) -> str:
    """As the engine spells a path: `render(("a", "b", 0, "x.y"))` is `a.b[0]["x.y"]`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _PLAIN_KEY.fullmatch(step):
            text += f".{step}" if text else step
        else:
            text += '["' + step.replace("\\", "\\\\").replace('"', '\\"') + '"]'
    return text


_STEP = re.compile(r'\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|\.?([^.\[\]]+)')


def parse(text: str) -> Path:
    """The steps of a path: `parse("a[*].b")` is `("a", "*", "b")`, where `*` is any key or index."""
    steps: list[str | int] = []
    for quoted, index, key in _STEP.findall(text):
        if index:
            steps.append(int(index) if index != "*" else "*")
        else:
            steps.append(key or re.sub(r"\\(.)", r"\1", quoted))
    return tuple(steps)


def covers(pattern: Path, path: Path) -> bool:
    """Whether a change at `path` lies within `pattern`, or takes a place that contains it away as a whole."""
    return all(wanted in ("*", step) for wanted, step in zip(pattern, path, strict=False))


def tree(old: Any, new: Any, path: Path = ()) -> Iterator[tuple[Path, Kind]]:
    """Every place where two values differ: `list(tree({"a": [1]}, {"a": [2, 3]}))` is
    `[(("a", 0), "update"), (("a", 1), "add")]`."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            yield from _entry(key in old, key in new, old.get(key), new.get(key), (*path, key))
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            has_old, has_new = index < len(old), index < len(new)
            before, after = old[index] if has_old else None, new[index] if has_new else None
            yield from _entry(has_old, has_new, before, after, (*path, index))
    elif not _equal(old, new):
        yield path, "update"


def _entry(has_old: bool, has_new: bool, old: Any, new: Any, path: Path) -> Iterator[tuple[Path, Kind]]:
    if not has_new:
        yield path, "delete"
    elif not has_old:
        yield path, "add"
    else:
        yield from tree(old, new, path)


def _equal(old: Any, new: Any) -> bool:
    if old is UNKNOWN or new is UNKNOWN:
        return False
    return isinstance(old, bool) == isinstance(new, bool) and bool(old == new)


def changes(old: Properties, new: Properties, replace_on: Iterable[str] = ()) -> list[Change]:
    """The changes between two sets of inputs, those under a path of `replace_on` marked.

    changes({"name": "a"}, {"name": "b"}, ["name"])  # [Change(path=("name",), kind="update", replace=True)]
    """
    patterns = [parse(text) for text in replace_on]
    return [Change(path, kind, any(covers(pattern, path) for pattern in patterns)) for path, kind in tree(old, new)]


def without(changes: Iterable[Change], ignored: Iterable[str]) -> list[Change]:
    """The changes that the resource's ignoreChanges (`["tags", "parts[*].size"]`) leaves over."""
    patterns = [parse(text) for text in ignored]
    return [
        change
        for change in changes
        if not any(len(pattern) <= len(change.path) and covers(pattern, change.path) for pattern in patterns)
    ]
