"""What a rule is, and what it is asked about."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Level(Enum):
    """Named as Pulumi's enforcement levels are. https://www.pulumi.com/docs/insights/policy/policy-packs/"""

    ADVISORY = "advisory"
    MANDATORY = "mandatory"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A resource as the engine would create it."""

    type: str
    """Without the version that the program pins: `azure-native:keyvault:Vault`."""
    inputs: Mapping[str, Any]
    is_unknown: Callable[[Any], bool]
    """Whether a value is not known yet, as in the preview of a create: no rule can judge it."""


Check = Callable[[Resource], Iterator[str]]
"""One text for each thing that is wrong; none for a type that the check is not about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    name: str
    """Lower case with hyphens, as a policy pack wants it."""
    description: str
    level: Level
    check: Check


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    rule: Rule
    message: str


def unversioned(type_token: str) -> str:
    """`azure-native:keyvault/v20260201:Vault` -> `azure-native:keyvault:Vault`; other types as they are."""
    return re.sub(r"^(azure-native:\w+)/v\w+:", r"\1:", type_token)
