"""From the engine's text to the typed tree: every finding of shape is told at once, before any resource."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from infra.settings.former import without_former_keys
from infra.settings.tree import PROJECT, Settings
from infra.settings.wording import Problem, explain, is_text, missing


class SettingsError(Exception):
    """A configuration that is refused: all findings, each with its key, the value and what is allowed."""

    def __init__(self, problems: Collection[Problem]) -> None:
        self.problems = tuple(problems)
        lines = "\n".join(f"  {problem}" for problem in problems)
        super().__init__(f"the stack's configuration is refused, nothing was changed:\n{lines}")


def load(config: Mapping[str, str], secret_keys: Collection[str] = ()) -> Settings:
    """`config` as the engine hands it over: `edgeway:<key>` to plain text, or to JSON where the value is a tree.

    Raises SettingsError with every finding.
    """
    given = {key.removeprefix(f"{PROJECT}:"): text for key, text in config.items() if key.startswith(f"{PROJECT}:")}
    secret = {key.removeprefix(f"{PROJECT}:") for key in secret_keys}
    given, problems = without_former_keys(given, secret)
    fields = {field.encode_name: field for field in msgspec.structs.fields(Settings)}
    problems += [
        Problem(f"{PROJECT}:{key}", f"unknown key; allowed are {', '.join(fields)}")
        for key in given
        if key not in fields
    ]
    values: dict[str, Any] = {}
    for name, field in fields.items():
        key = f"{PROJECT}:{name}"
        if name in given:
            try:
                values[field.name] = _decode(given[name], field.type)
            except (msgspec.ValidationError, json.JSONDecodeError, RecursionError) as error:
                refusals = explain(key, given[name], field.type, error)
                problems += [problem.hidden() for problem in refusals] if name in secret else refusals
        elif field.required:
            problems.append(missing(key, field.type))
    if problems:
        raise SettingsError(problems)
    return Settings(**values)


def _decode(text: str, kind: Any) -> Any:
    if is_text(kind):
        return msgspec.convert(text, kind)
    # not strict: `pulumi config set --path` writes 0.97 as text
    return msgspec.convert(json.loads(text), kind, strict=False)
