"""Which endpoints a configuration asks for, and what each is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from infra.settings.serving import EndpointSettings
from infra.settings.tree import ModelSettings


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    name: str
    """What the stack's outputs and the command line call it: the model's name for its first endpoint, and
    `<model>-<kind>` for each further one. A model has one of a kind, so no two are alike."""
    model: str
    settings: EndpointSettings


def endpoints(models: Sequence[ModelSettings]) -> list[Endpoint]:
    return [
        Endpoint(name=_name(model.name, index, settings), model=model.name, settings=settings)
        for model in models
        for index, settings in enumerate(model.endpoints)
    ]


def _name(model: str, index: int, settings: EndpointSettings) -> str:
    # no model's name has a hyphen
    return model if index == 0 else f"{model}-{settings.kind}"
