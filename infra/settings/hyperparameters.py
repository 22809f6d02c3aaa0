"""Hyperparameters of the stack's models, held against those that each model declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from contracts.hyperparameters import Allowed, too_large
from infra.settings.tree import PROJECT, Settings
from infra.settings.wording import Problem, refused

Declared = Mapping[str, Mapping[str, Allowed]]
"""By model; a model that declares none is not checked."""


def misfits(settings: Settings, declared: Declared) -> Iterator[Problem]:
    for index, model in enumerate(settings.models):
        if model.name in declared:
            key = f"{PROJECT}:models[{index}].train.hyperparameters"
            given, allowed = model.train.hyperparameters, declared[model.name]
            found = list(_misfits(key, given, allowed))
            yield from found or _together(key, given, allowed)


def _misfits(key: str, given: Mapping[str, Any], allowed: Mapping[str, Allowed]) -> Iterator[Problem]:
    for name, value in given.items():
        if name not in allowed:
            there = ", ".join(sorted(allowed)) or "none"
            yield Problem(f"{key}.{name}", f"unknown hyperparameter; allowed are {there}")
            continue
        try:
            allowed[name].read(value)
        except ValueError as error:
            yield refused(f"{key}.{name}", value, str(error))


def _together(key: str, given: Mapping[str, Any], allowed: Mapping[str, Allowed]) -> Iterator[Problem]:
    for name, words in too_large(allowed, given):
        yield refused(f"{key}.{name}", given[name], words)


def in_their_types(settings: Settings, declared: Declared) -> Settings:
    """With numbers as numbers where `pulumi config set --path` wrote text: the same value, the same training."""
    models = [
        msgspec.structs.replace(
            model,
            train=msgspec.structs.replace(
                model.train, hyperparameters=_typed(model.train.hyperparameters, declared.get(model.name, {}))
            ),
        )
        for model in settings.models
    ]
    return msgspec.structs.replace(settings, models=tuple(models))


def _typed(given: Mapping[str, Any], allowed: Mapping[str, Allowed]) -> dict[str, Any]:
    read = {name: allowed[name].read(value) if name in allowed else value for name, value in given.items()}
    # an input that is None would be none at all: it stays the text that says so
    return {name: given[name] if value is None else value for name, value in read.items()}
