"""How a change of the program reaches each resource, judged as the engine would: by the providers' own rules (path
parameters, location, `replace_on`) and the options that the program gives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cli.forecast.words import short
from dryrun import azure_token
from infra.provider.__main__ import resources as provider_types
from pluginbase.diff import changes, covers, parse, without
from standin.plugin.kinds import BY_TOKEN

_OWN = {one.token: one for one in provider_types()}


@dataclass(frozen=True)
class PlannedResource:
    """A resource of the program with the rules that decide how it changes."""

    record: Mapping[str, Any]

    @property
    def type(self) -> str:
        return str(self.record["type"])

    @property
    def key(self) -> str:
        return f"{self.type} {self.record['name']}"

    @cached_property
    def short(self) -> str:
        return short(self.type)

    @cached_property
    def by_provider(self) -> list[str]:
        """What the provider itself replaces for."""
        if self.type in _OWN:
            return sorted(_OWN[self.type].replace_on)
        kind = BY_TOKEN[azure_token(self.type)]
        location = ["location"] if "location" in self.record["inputs"] else []
        return [*kind.params, *location, *sorted(kind.replace_on)]

    @cached_property
    def replaced_by(self) -> list[str]:
        asked = self.record["options"].get("replaceOnChanges", [])
        return [*self.by_provider, *(path for path in asked if path not in self.by_provider)]

    @property
    def ignored(self) -> list[str]:
        return list(self.record["options"].get("ignoreChanges", []))

    @property
    def delete_first(self) -> bool:
        """azure-native deletes first whatever is named by the program, which is everything here, unless it is told."""
        if (told := self.record["options"].get("deleteBeforeReplace")) is not None:
            return bool(told)
        return _OWN[self.type].delete_before_replace if self.type in _OWN else True


@dataclass(frozen=True)
class Effect:
    deleted_first: list[PlannedResource]
    replaced: list[PlannedResource]
    updated: list[PlannedResource]
    new: list[PlannedResource]
    gone: list[PlannedResource]


Program = dict[str, PlannedResource]


def compare(old: Program, new: Program) -> Effect:
    replaced: dict[str, PlannedResource] = {}
    updated: list[PlannedResource] = []
    for key, one in new.items():
        differences = changes(old[key].record["inputs"], one.record["inputs"], one.replaced_by) if key in old else []
        differences = without(differences, one.ignored)
        if any(change.replace for change in differences):
            replaced[key] = one
        elif differences:
            updated.append(one)
    first = _with_dependents(new, {key for key, one in replaced.items() if one.delete_first})
    return Effect(
        deleted_first=[one for key, one in new.items() if key in first],
        replaced=[one for key, one in replaced.items() if key not in first],
        updated=[one for one in updated if one.key not in first],
        new=[one for key, one in new.items() if key not in old],
        gone=[one for key, one in old.items() if key not in new],
    )


def _with_dependents(program: Program, first: set[str]) -> set[str]:
    """Before it deletes, the engine asks of every dependent whether it can stay while that input is not known."""
    going = set(first)
    while True:
        more = {key for key, one in program.items() if key not in going and _must_go(one, going)}
        if not more:
            return going
        going |= more


def _must_go(one: PlannedResource, going: set[str]) -> bool:
    return any(
        going & set(sources) and any(covers(parse(pattern), (name,)) for pattern in one.by_provider)
        for name, sources in one.record["property_dependencies"].items()
    )


def in_place(inputs: Mapping[str, Any], fixed: Sequence[str]) -> list[str]:
    """The inputs below none of `fixed`, each by the shortest path that holds nothing fixed."""
    patterns = [parse(path) for path in fixed]

    def walk(value: Any, path: tuple[str, ...]) -> Iterator[str]:
        if any(len(pattern) <= len(path) and covers(pattern, path) for pattern in patterns):
            return
        if not any(covers(pattern, path) for pattern in patterns):
            yield ".".join(path).replace(".*", "[*]")
        elif isinstance(value, Mapping):
            for name in sorted(value):
                yield from walk(value[name], (*path, name))
        elif isinstance(value, list):
            for item in value:
                yield from walk(item, (*path, "*"))

    return list(dict.fromkeys(path for name in sorted(inputs) for path in walk(inputs[name], (name,))))
