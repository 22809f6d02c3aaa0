"""Where two values differ, leaf by leaf, and how that is said: `max_depth none -> 3`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cli.forecast.operations import SECRET, Operation, is_known, is_withheld

_LONGEST_VALUE = 100
"""In characters: a target condition is shown, a certificate is not."""
_MANY = 4
MODULES = "properties.desired.modules."
"""What the keys of modules begin with, in the content of a layer."""


class _Absent:
    pass


ABSENT = _Absent()


@dataclass(frozen=True, slots=True)
class Difference:
    path: tuple[str, ...]
    old: Any
    new: Any

    def __str__(self) -> str:
        """The leaf's name and both values, where they are short and no secrets."""
        return self.named(self.path[-1] if self.path else "value")

    def named(self, name: str) -> str:
        old, new = _worded(self.old), _worded(self.new)
        return f"{name} {old} -> {new}" if old and new else f"{name} changes"


def differences(old: Any, new: Any, path: tuple[str, ...] = ()) -> Iterator[Difference]:
    """In the order of names. Compared as a whole: lists of two lengths, and a device's module on one side only."""
    if not (path and path[-1].startswith(MODULES)):
        old, new = (
            {} if one is ABSENT and isinstance(other, Mapping) else one for one, other in ((old, new), (new, old))
        )
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in sorted({*old, *new}):
            yield from differences(old.get(name, ABSENT), new.get(name, ABSENT), (*path, name))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from differences(one, other, (*path, str(index)))
    elif old != new:
        yield Difference(path, old, new)


def changes_unseen(deployment: Operation) -> bool:
    """Whether it changes where a secret withholds what: in nothing that can be seen."""
    withheld = is_withheld(deployment.old.get("content")) and is_withheld(deployment.new.get("content"))
    return deployment.op in ("update", "replace") and withheld and not any(differences(deployment.old, deployment.new))


def listed(words: Iterable[object], many: int = _MANY) -> str:
    """`a, b, c`; what is beyond `many` is counted."""
    texts = list(dict.fromkeys(map(str, words)))
    if len(texts) <= many:
        return ", ".join(texts)
    return f"{', '.join(texts[: many - 1])} and {len(texts) - many + 1} more"


def _worded(value: Any) -> str:
    """Empty where it is better not shown: long, nested, not known yet, or a secret."""
    if value is ABSENT or value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (int, float)):
        return str(value)
    if not isinstance(value, str) or value == SECRET or not is_known(value):
        return ""
    # of an image its folder says nothing, and a digest less
    value = value.rpartition("/")[2] if re.search(r"/[\w.-]+:[\w.-]+$", value) and "@" not in value else value
    return value if 0 < len(value) <= _LONGEST_VALUE and "\n" not in value and "@sha256:" not in value else ""
