"""What the program may give to a type of `mledge` and what the provider takes: the same names and the same defaults."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
from typing import Any

import pytest

from infra import resources
from infra.provider import types
from infra.provider.__main__ import resources as served
from infra.provider.inputs import Inputs
from infra.resources import wire, wire_name

MODULES = sorted(module.name for module in pkgutil.iter_modules(types.__path__))
# only the provider takes it: no component asks for an older gate
PROVIDERS_OWN = {"Gate": {"version"}}


def _classes(module: str) -> tuple[Any, type[Inputs]]:
    """`KeyArgs` and `KeyInputs`."""
    name = "".join(part.capitalize() for part in module.split("_"))
    sent = importlib.import_module(f"{resources.__name__}.{module}")
    taken = importlib.import_module(f"{types.__name__}.{module}")
    return getattr(sent, f"{name}Args"), getattr(taken, f"{name}Inputs")


def test_every_file_of_types_is_served() -> None:
    assert sorted(inspect.getmodule(one).__name__.rpartition(".")[2] for one in served()) == MODULES  # type: ignore[union-attr]


@pytest.mark.parametrize("module", MODULES)
def test_both_sides_have_the_same_names(module: str) -> None:
    args, inputs = _classes(module)
    own = PROVIDERS_OWN.get(inputs.__name__.removesuffix("Inputs"), set())
    assert {wire_name(field.name) for field in dataclasses.fields(args)} == set(inputs.__struct_encode_fields__) - own


@pytest.mark.parametrize("module", MODULES)
def test_a_default_of_the_program_is_the_providers(module: str) -> None:
    args, inputs = _classes(module)
    filled, _ = inputs.check({})
    for field in dataclasses.fields(args):
        default = _default(field)
        if default is not None:
            assert filled[wire_name(field.name)] == wire(default), field.name


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return None if field.default is dataclasses.MISSING else field.default
