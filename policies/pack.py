"""All rules, and what of a resource breaks them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from policies.access import LEAST_RIGHTS, NO_SHARED_SECRETS, TLS
from policies.digests import CONTENT_BY_DIGEST
from policies.machines import CLOSED_MACHINES
from policies.names import NAMES
from policies.references import REFERENCES
from policies.rule import Resource, Rule, Violation, unversioned
from policies.values import RETENTION, SUPPORTED_VALUES

RULES: tuple[Rule, ...] = (
    NAMES,
    REFERENCES,
    CONTENT_BY_DIGEST,
    NO_SHARED_SECRETS,
    LEAST_RIGHTS,
    TLS,
    CLOSED_MACHINES,
    SUPPORTED_VALUES,
    RETENTION,
)


def violations(
    type_token: str, inputs: Mapping[str, Any], *, is_unknown: Callable[[Any], bool] = lambda value: False
) -> list[Violation]:
    """Of one resource, in the order of the rules.

        violations("azure-native:keyvault:Vault", {"vaultName": "kv--x"})

    `type_token` may carry the version that the program pins.
    """
    resource = Resource(type=unversioned(type_token), inputs=inputs, is_unknown=is_unknown)
    return [Violation(rule=rule, message=message) for rule in RULES for message in rule.check(resource)]
