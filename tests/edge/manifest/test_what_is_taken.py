"""Manifests as hubs export them, as runtimes read them, and what layers may set: taken without a finding."""

from __future__ import annotations

from typing import Any

import pytest

from edge.manifest import AGENT, HUB, validate
from tests.edge.manifest.manifests import base, layer
from tests.edge.manifest.spoiling import (
    CREDENTIALS,
    DESIRED,
    ROUTE,
    RUNTIME,
    STORING,
    Spoil,
    many,
    object_route,
    settings,
    storing,
)


def _without_texts(content: dict[str, Any]) -> None:
    content[AGENT][DESIRED]["runtime"]["settings"] = {}


def _with_its_version(content: dict[str, Any]) -> None:
    content[AGENT][DESIRED]["systemModules"]["edgeAgent"]["version"] = "1.0"


@pytest.mark.parametrize(
    "spoil",
    [
        _without_texts,
        _with_its_version,
        lambda c: c[AGENT][DESIRED]["runtime"].pop("settings"),
        lambda c: c[AGENT][DESIRED].update(schemaVersion="1.0"),
        lambda c: c[HUB][DESIRED].update(schemaVersion="1.0"),
        lambda c: c[HUB][DESIRED].update(object_route("1.2")),
        lambda c: c[HUB][DESIRED].update(schemaVersion="1.3"),
        lambda c: storing(c, -1),
        lambda c: c[HUB][DESIRED]["storeAndForwardConfiguration"].update(storeLimits={"maxSizeBytes": 1000}),
        lambda c: c[AGENT][DESIRED]["modules"].update(many(50)),
        lambda c: (c[AGENT][DESIRED]["modules"].update(many(1)), c.update(m0={})),
    ],
)
def test_a_base_as_hubs_export_it_and_runtimes_read_it_is_taken(spoil: Spoil) -> None:
    content = base()
    spoil(content)
    assert validate(content, "base") == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda c: c[AGENT].update({f"{CREDENTIALS}.plant": {"address": "a", "username": "u", "password": "p"}}),
        lambda c: c[AGENT].update({f"{RUNTIME}.loggingOptions": "", f"{RUNTIME}.minDockerVersion": "v1.25"}),
        lambda c: c[HUB].update({f"{STORING}.timeToLiveSecs": 3600}),
        lambda c: c[HUB].update({STORING: {"timeToLiveSecs": 3600}}),
        lambda c: c[HUB][ROUTE].update(route="FROM /messages/modules/SCORER/* INTO $upstream"),
        lambda c: c.update(sensor={}),
        lambda c: c.update(sensor={f"{DESIRED}.a": 1, f"{DESIRED}.ab": 2, f"{DESIRED}.c.d": [1]}),
        lambda c: settings(c).update(createOptions="null"),
        lambda c: settings(c).update(createOptions={"HostConfig": {"Memory": 6291456}}),
        lambda c: (settings(c).pop("createOptions"), settings(c).update(createoptions="{", CreateOptions01="}")),
    ],
)
def test_what_a_layer_may_set_beside_modules_and_routes_is_taken(spoil: Spoil) -> None:
    content = layer()
    spoil(content)
    assert validate(content, "layer") == []


def test_a_sink_in_another_case_is_refused_and_says_why() -> None:
    content = layer()
    content[HUB][ROUTE]["route"] = 'FROM /messages/* INTO BrokeredEndpoint("/modules/Scorer/inputs/in")'
    (problem,) = validate(content, "layer")
    assert "it is 'scorer' there, and in a sink case counts" in problem.reason
