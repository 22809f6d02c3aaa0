"""Keys that a stack file had before, refused with how the same is written now."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from infra.settings.tree import PROJECT
from infra.settings.wording import Problem


def without_former_keys(given: Mapping[str, str], secret: Collection[str]) -> tuple[dict[str, str], list[Problem]]:
    """The configuration without them, so that what else is wrong is told too; and a finding for each."""
    rest = dict(given)
    problems: list[Problem] = []
    models = _json(given.get("models", ""))
    if isinstance(models, list):
        for index, model in enumerate(models):
            if isinstance(model, dict):
                problems += _of_model(f"{PROJECT}:models[{index}]", model, shown="models" not in secret)
        if problems:
            rest["models"] = json.dumps(models)
    if "sensor" in rest:
        problems.append(_sensor(_json(rest.pop("sensor")), shown="sensor" not in secret))
    return rest, problems


def _of_model(key: str, model: dict[str, Any], *, shown: bool) -> Iterator[Problem]:
    """Takes the keys out of `model`."""
    if "serve" in model:
        entry = {"kind": "containerGroup", **_mapping(model.pop("serve"), shown)}
        yield _moved(f"{key}.serve", f"{key}.endpoints: {_text([entry])}")
    if "edge" in model:
        name = model.get("name", "<layer>") if shown else "<layer>"
        entry = {"name": name, **_mapping(model.pop("edge"), shown)}
        yield _moved(f"{key}.edge", f"an entry of {PROJECT}:layers: {_text(entry)}")


def _sensor(value: Any, *, shown: bool) -> Problem:
    names = {"image": "sensorImage"}
    settings = {names.get(name, name): item for name, item in _mapping(value, shown).items()}
    return _moved(f"{PROJECT}:sensor", f"the settings of the layer anomaly in {PROJECT}:layers: {_text(settings)}")


def _moved(key: str, now: str) -> Problem:
    return Problem(key, f"unknown key; it is now {now}")


def _mapping(value: Any, shown: bool) -> dict[str, Any]:
    """Empty where the value is none, or a secret."""
    return value if shown and isinstance(value, dict) else {}


def _text(value: Any) -> str:
    """To be pasted into the stack file: YAML reads no pair of JSON escapes as one character."""
    return json.dumps(value, ensure_ascii=False)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return None
