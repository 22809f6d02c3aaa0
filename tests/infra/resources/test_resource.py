"""Arguments to the wire: field names are translated, data are not."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

from infra import resources
from infra.provider.__main__ import resources as served
from infra.resources import MledgeResource, wire, wire_name
from infra.resources.device_identity import DeviceIdentityArgs
from infra.resources.image import ImageArgs
from infra.resources.role_ready import RoleCheckArgs, RoleReadyArgs
from infra.resources.training_run import ThresholdArgs, TrainingDataArgs, TrainingRunArgs


def test_names_become_camel_case() -> None:
    assert [wire_name(name) for name in ("model", "inputs_digest", "hub_host")] == ["model", "inputsDigest", "hubHost"]


def test_nested_arguments_are_translated_and_the_keys_of_mappings_are_not() -> None:
    args = TrainingRunArgs(
        model="anomaly",
        inputs_digest="d",
        data=TrainingDataArgs(key="k", sha256="s"),
        hyperparameters={"max_depth": 3},
        thresholds={"accuracy": ThresholdArgs(min=0.98), "mae": ThresholdArgs(max=1)},
    )

    assert wire(args) == {
        "model": "anomaly",
        "inputsDigest": "d",
        "data": {"key": "k", "sha256": "s"},
        "hyperparameters": {"max_depth": 3},
        "thresholds": {"accuracy": {"min": 0.98}, "mae": {"max": 1}},
    }


def test_arguments_in_lists_are_translated() -> None:
    check = RoleCheckArgs(scope="/s", principal_id="p", role_definition_id="r")

    assert wire(RoleReadyArgs(checks=[check], settle_seconds=20)) == {
        "checks": [{"scope": "/s", "principalId": "p", "roleDefinitionId": "r"}],
        "timeoutSeconds": 600,
        "settleSeconds": 20,
    }


def test_what_is_not_given_is_not_sent() -> None:
    args = ImageArgs(login_server="l", repository="edgeway/sensor", image="sensor", context_digest="c", build_args={})

    assert set(wire(args)) == {"loginServer", "repository", "image", "contextDigest", "buildArgs"}


def test_tags_keep_their_spelling() -> None:
    args = DeviceIdentityArgs(hub_host="h", device_id="d", tags={"line_number": "3"})

    assert wire(args)["tags"] == {"line_number": "3"}


def test_every_type_of_the_provider_has_one_class_whose_getters_are_its_outputs() -> None:
    modules = [
        importlib.import_module(f"{resources.__name__}.{one.name}") for one in pkgutil.iter_modules(resources.__path__)
    ]
    classes = {
        kind
        for module in modules
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, MledgeResource) and kind is not MledgeResource
    }

    assert {kind.resource_type for kind in classes} == {kind.token for kind in served()}
    for kind in classes:
        getters = {wire_name(name) for name, value in vars(kind).items() if isinstance(value, property)}
        assert getters == set(kind.outputs), kind
        assert set(kind.secret_outputs) <= set(kind.outputs), kind
