"""Docker's token scopes against ACR's rights: what a client asks for, and the part of it that it gets.

Asked: https://distribution.github.io/distribution/spec/auth/scope/ (`repository:edgeway/anomaly:pull,push`).
Given: https://learn.microsoft.com/azure/container-registry/container-registry-token-based-repository-permissions
(scope maps) and .../container-registry-rbac-built-in-roles-overview (roles on the registry).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

EVERYTHING = frozenset({"pull", "push", "delete", "metadata_read", "metadata_write"})

# Scope-map action -> what the registry protocol calls it.
_CONTENT = {
    "content/read": "pull",
    "content/write": "push",
    "content/delete": "delete",
    "metadata/read": "metadata_read",
    "metadata/write": "metadata_write",
}
_ACTION = re.compile(rf"repositories/(?P<repository>[^\s]+?)/(?P<what>{'|'.join(_CONTENT)})")
_REPOSITORY = re.compile(r"(?:\*|[a-z0-9]+(?:[._/-]+[a-z0-9]+)*(?:/?\*)?)")

_PULL = frozenset({"pull", "metadata_read"})
_PUSH = _PULL | {"push", "metadata_write"}

# Role GUID -> rights on every repository. In ABAC mode Azure ignores the first table, else the second.
LEGACY_ROLES: Mapping[str, frozenset[str]] = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": EVERYTHING,  # Owner
    "b24988ac-6180-42a0-ab88-20f7382dd24c": EVERYTHING,  # Contributor
    "acdd72a7-3385-48ef-bd42-f606fba81ae7": _PULL,  # Reader: */read holds registries/pull/read
    "7f951dda-4ed3-4680-a7ca-43fe172d538d": _PULL,  # AcrPull
    "8311e382-0749-4cb8-b61a-304f252e45ec": _PUSH,  # AcrPush
    "c2f4ef07-c644-48eb-af81-4b1b4947fb11": frozenset({"delete", "metadata_read"}),  # AcrDelete
}
ABAC_ROLES: Mapping[str, frozenset[str]] = {
    "b93aa761-3e63-49ed-ac28-beffa264f7ac": _PULL,  # Container Registry Repository Reader
    "2a1e307c-b015-4ebd-883e-5b7698a07328": _PUSH,  # Container Registry Repository Writer
    "2efddaa5-3f1f-4df3-97df-af3f13818f4c": EVERYTHING,  # Container Registry Repository Contributor
}
ABAC_MODE = "AbacRepositoryPermissions"


@dataclass(frozen=True, slots=True)
class Scope:
    type: str
    name: str
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rights:
    """What one identity may do: actions by repository; a name that ends in `*` stands for all that begin so."""

    by_repository: Mapping[str, frozenset[str]]

    def on(self, repository: str) -> frozenset[str]:
        held: frozenset[str] = frozenset()
        for name, actions in self.by_repository.items():
            if name == repository or (name.endswith("*") and repository.startswith(name[:-1])):
                held |= actions
        return held

    @property
    def catalog(self) -> bool:
        """The list of repositories is not a repository's own: only who may read them all sees it."""
        return "metadata_read" in self.by_repository.get("*", frozenset())


NOTHING = Rights({})


def everywhere(actions: frozenset[str]) -> Rights:
    return Rights({"*": actions}) if actions else NOTHING


def parse_scopes(texts: Iterable[str]) -> list[Scope]:
    """A request may repeat `scope`, and one value may hold several, separated by spaces."""
    return [_parse(part) for text in texts for part in text.split()]


def _parse(text: str) -> Scope:
    kind, _, rest = text.partition(":")
    name, colon, actions = rest.rpartition(":")
    if not (kind and colon and name):
        raise ValueError(f"scope {text!r} is not '<type>:<name>:<actions>'")
    return Scope(kind, name, tuple(action for action in actions.split(",") if action))


def grant(rights: Rights, scopes: Iterable[Scope]) -> list[dict[str, object]]:
    """The `access` claim: of each scope what the rights hold. An empty list of actions is an answer, not an error."""
    return [{"type": scope.type, "name": scope.name, "actions": _granted(rights, scope)} for scope in scopes]


def _granted(rights: Rights, scope: Scope) -> list[str]:
    if scope.type == "registry" and scope.name == "catalog":
        return ["*"] if rights.catalog and "*" in scope.actions else []
    if scope.type != "repository":
        return []
    held = rights.on(scope.name)
    return sorted(held) if "*" in scope.actions else [action for action in scope.actions if action in held]


def parse_actions(actions: Iterable[str]) -> Rights:
    """A scope map's `actions` as rights. ValueError names the first one that is not an action."""
    rights: dict[str, frozenset[str]] = {}
    for action in actions:
        match = _ACTION.fullmatch(action)
        if match is None or not _REPOSITORY.fullmatch(match["repository"]):
            raise ValueError(
                f"action {action!r} is not 'repositories/<repository>/<what>', with what one of {', '.join(_CONTENT)}"
            )
        repository = match["repository"]
        rights[repository] = rights.get(repository, frozenset()) | {_CONTENT[match["what"]]}
    return Rights(rights)
