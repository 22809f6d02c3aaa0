"""The operation that a request is to Azure RBAC: `Microsoft.Devices/IotHubs/write`.

https://learn.microsoft.com/azure/role-based-access-control/resource-provider-operations
A name is made of the path, as Azure's own nearly always are: types without the names between them, then read, write,
delete, or the action that is posted.
"""

from __future__ import annotations

from collections.abc import Sequence

_VERBS = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}
_SUBSCRIPTIONS = "Microsoft.Resources/subscriptions"
# Posted, and yet named as reads.
_READ_BY_POST = (
    "Microsoft.Storage/checkNameAvailability",
    "Microsoft.KeyVault/checkNameAvailability",
    "Microsoft.ContainerRegistry/checkNameAvailability",
)
# Azure answers these to whoever signed in, with what is theirs to see.
_OPEN = (
    ("subscriptions",),
    ("tenants",),
    ("subscriptions", "", "resourcegroups"),
    ("subscriptions", "", "providers", "microsoft.keyvault", "deletedvaults"),
)


def action_of(method: str, path: str) -> str | None:
    """None where every principal may ask."""
    segments = path.strip("/").split("/")
    lowered = [segment.lower() for segment in segments]
    if method == "GET" and any(_is(lowered, pattern) for pattern in _OPEN):
        return None
    starts = [index for index, word in enumerate(lowered) if word == "providers" and index % 2 == 0]
    if not starts or _is_about_a_provider(lowered, starts[-1]):
        return _of_subscription(method, segments)
    namespace, *rest = segments[starts[-1] + 1 :]
    return _named(method, namespace, rest)


def _is_about_a_provider(lowered: Sequence[str], start: int) -> bool:
    """`providers`, `providers/{namespace}`, `providers/{namespace}/register`: of the subscription, not of a service."""
    below = lowered[start + 1 :]
    return len(below) < 2 or (len(below) == 2 and below[1] in ("register", "unregister"))


def _named(method: str, namespace: str, rest: Sequence[str]) -> str:
    kind = "/".join([namespace, *rest[0::2]])
    if method == "POST":
        read = next((one for one in _READ_BY_POST if one.lower() == kind.lower()), None)
        return f"{read}/read" if read else f"{kind}/action"
    return f"{kind}/{_VERBS.get(method, method.lower())}"


def _of_subscription(method: str, segments: Sequence[str]) -> str:
    """Of the subscription itself, its groups, and what it says of providers: /subscriptions/{s}/..."""
    below = segments[2:]
    first = below[0].lower() if below else ""
    if first == "providers":
        if len(below) == 3 and method == "POST":
            return f"{below[1]}/{below[2]}/action"
        return f"{_SUBSCRIPTIONS}/providers/read"
    words = [_SUBSCRIPTIONS, *("resourceGroups" if word.lower() == "resourcegroups" else word for word in below[0::2])]
    return "/".join([*words, "action" if method == "POST" else _VERBS.get(method, method.lower())])


def _is(lowered: Sequence[str], pattern: Sequence[str]) -> bool:
    return len(lowered) == len(pattern) and all(want in ("", got) for want, got in zip(pattern, lowered, strict=True))
