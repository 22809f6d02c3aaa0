"""What one role permits, as lists of actions with wildcards.

https://learn.microsoft.com/azure/role-based-access-control/role-definitions
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any


@dataclass(frozen=True, slots=True)
class Permissions:
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()

    def permits(self, action: str) -> bool:
        """At the control plane: `Microsoft.Devices/IotHubs/write`."""
        return _any(self.actions, action) and not _any(self.not_actions, action)

    def covers_data_of(self, other: Permissions) -> bool:
        """Whether this permits all that another role permits at a data plane."""
        return all(
            _any(self.data_actions, action) and not _any(self.not_data_actions, action) for action in other.data_actions
        )

    def body(self) -> dict[str, list[str]]:
        """As role definitions and lists of permissions spell it."""
        return {
            "actions": list(self.actions),
            "notActions": list(self.not_actions),
            "dataActions": list(self.data_actions),
            "notDataActions": list(self.not_data_actions),
        }

    @classmethod
    def of_bodies(cls, bodies: Sequence[Mapping[str, Any]]) -> Permissions:
        """Of a definition's `permissions`, a list which in practice has one entry."""

        def all_of(name: str) -> tuple[str, ...]:
            return tuple(str(one) for body in bodies for one in body.get(name) or ())

        return cls(all_of("actions"), all_of("notActions"), all_of("dataActions"), all_of("notDataActions"))


def matches(pattern: str, action: str) -> bool:
    return _compiled(pattern).fullmatch(action) is not None


def _any(patterns: Sequence[str], action: str) -> bool:
    return any(matches(pattern, action) for pattern in patterns)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """What stands between two wildcards is looked for once, from the left, else many of them take for ever."""
    first, *rest = map(re.escape, pattern.split("*"))
    between = "".join(f"(?>.*?{part})" for part in rest[:-1])
    return re.compile(f"{first}{between}.*{rest[-1]}" if rest else first, re.IGNORECASE)
