"""What `up` would send to Azure for a stack, asked of the program itself in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from cli.errors import Refused
from cli.first_contact.child import answer_of
from clone.root import ROOT

_LIMIT_SECONDS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedResource:
    type: str
    """`iothub:IotHubResource`, or the token of one of our provider's types."""
    token: str
    """The same with the API version in it, where one is pinned."""
    name: str
    """The program's own."""
    inputs: Mapping[str, Any]
    id: str = ""
    api_version: str = ""
    body: Mapping[str, Any]
    """What is PUT to Azure."""

    @property
    def azure_name(self) -> str:
        return self.id.rpartition("/")[2]


class Planned:
    def __init__(self, resources: Sequence[PlannedResource]) -> None:
        self.resources = tuple(resources)

    def all(self, type: str) -> list[PlannedResource]:
        return [one for one in self.resources if one.type == type]

    def one(self, type: str, name: str | None = None) -> PlannedResource:
        """The only one of its type, or that of this name. Raises Refused where the stack has none."""
        for one in self.all(type):
            if name in (None, one.name):
                return one
        raise Refused(f"the stack plans no {type}{f' {name!r}' if name else ''}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployer:
    subscription: str
    tenant: str
    principal: str
    idtyp: Literal["app", "user"] = "app"


class Plan(Protocol):
    """What `planned` does."""

    def __call__(self, stack: str, config: Mapping[str, Any], deployer: Deployer, clone: Path = ...) -> Planned: ...


_NO_GUID = "00000000-0000-4000-8000-000000000000"
NOBODY = Deployer(subscription=_NO_GUID, tenant=_NO_GUID, principal=_NO_GUID)
"""For what needs no account."""


def planned(stack: str, config: Mapping[str, Any], deployer: Deployer, clone: Path = ROOT) -> Planned:
    """Raises Refused with the program's own words where it refuses the configuration."""
    given = {"stack": stack, "config": _readable(config), "clone": str(clone)}
    who = {
        "subscription": deployer.subscription,
        "tenant": deployer.tenant,
        "principal": deployer.principal,
        "idtyp": deployer.idtyp,
    }
    answer = answer_of("dryrun.bodies", {**given, **who}, _LIMIT_SECONDS)
    if "refused" in answer:
        raise Refused(answer["refused"])
    return Planned([_resource(one) for one in answer["planned"]])


def _resource(one: Mapping[str, Any]) -> PlannedResource:
    return PlannedResource(
        type=one["type"],
        token=one["token"],
        name=one["name"],
        inputs=one["inputs"],
        id=one.get("id", ""),
        api_version=one.get("apiVersion", ""),
        body=one.get("body", {}),
    )


def _readable(config: Mapping[str, Any]) -> dict[str, Any]:
    """Without values that only the engine can decrypt."""
    return {key: value for key, value in config.items() if not (isinstance(value, Mapping) and "secure" in value)}
