"""The subscription of a stack, and where in it the stack is, or would be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from cli.azure import resource_manager, words
from cli.needs.need import Need
from cli.stack.file import stack_config
from cli.stack.names import stack_names
from cloud import reading
from cloud.errors import Kind, ServiceError
from cloud.naming import Names


@dataclass(frozen=True, kw_only=True)
class Place:
    """Raises ServiceError wherever it asks."""

    id: str
    """Of the subscription."""
    config: Mapping[str, Any]
    """`edgeway:` of the stack file, without the prefix. Nobody has checked it."""
    names: Names

    @classmethod
    def of_stack(cls, stack: str, subscription: str) -> Place:
        return cls(id=subscription, config=stack_config(stack), names=stack_names(stack, subscription))

    @property
    def location(self) -> str:
        return str(self.config.get("location", ""))

    @property
    def scope(self) -> str:
        return f"/subscriptions/{self.id}"

    @property
    def group(self) -> str:
        return f"{self.scope}/resourceGroups/{self.names.resource_group}"

    def resource(self, type_name: str, name: str) -> str:
        return f"{self.group}/providers/{type_name}/{name}"

    def get(self, path: str, api_version: str, **query: str) -> Any:
        """`path` is a whole resource id."""
        return resource_manager().get(path, api_version, **query).body

    def post(self, path: str, api_version: str, body: Mapping[str, Any]) -> Any:
        """Of something that changes nothing."""
        return resource_manager().request("POST", path, api_version, body=body).body

    def listed(self, path: str, api_version: str, **query: str) -> Iterator[Mapping[str, Any]]:
        """All pages of a list."""
        return reading.listed(self.get, path, api_version, **query)

    def exists(self, path: str, api_version: str) -> bool:
        return reading.exists(self.get, path, api_version)


def unanswered(name: str, error: ServiceError, remedy: str) -> Need:
    """A refusal for lack of a right is no finding."""
    if error.kind is Kind.UNAUTHORISED:
        found = f"cannot be seen: {words(error)[:200]}"
        return Need(name=name, ok=None, found=found, remedy=remedy, needed_by="doctor")
    return Need(name=name, ok=False, found=words(error)[:200], remedy=remedy, needed_by="up")


def side_by_side(asks: list[Any]) -> list[Any]:
    """What the functions return, in their order: each is a call that waits for Azure."""
    with ThreadPoolExecutor(max_workers=8) as pool:
        return list(pool.map(lambda ask: ask(), asks))
