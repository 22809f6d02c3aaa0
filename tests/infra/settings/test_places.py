"""The limits that the gate holds an image against: the smallest among a model's places."""

from __future__ import annotations

from typing import Any

import pytest

from edge.layers import catalogue
from infra.settings.checks import check
from infra.settings.load import SettingsError, load
from infra.settings.places import PlaceLimits, smallest
from tests.infra.settings.good import GONE, LAYER, MODEL, changed

ENDPOINT = (*MODEL, "endpoints", 0)
Change = tuple[tuple[str | int, ...], Any]


def limits(*changes: Change) -> PlaceLimits:
    settings = load(changed(*changes))
    return smallest(settings.models[0], check(settings, catalogue()))


@pytest.mark.parametrize(
    ("changes", "memory_mb", "timeout_ms"),
    [
        # the layer's scorer has 512 MB, the container group 1 GB
        ([], 512, 2000),
        ([((*ENDPOINT, "memoryGb"), 0.25)], 256, 2000),
        ([((*ENDPOINT, "latencyMs"), 300)], 512, 300),
        ([((*LAYER, "settings"), {"memoryMb": 128, "latencyMs": 1500})], 128, 1500),
        ([("edgeway:layers", []), ((*ENDPOINT, "latencyMs"), 5000)], 1024, 5000),
        ([((*MODEL, "endpoints"), GONE), ((*LAYER, "settings"), {"memoryMb": 4096})], 4096, 2000),
        ([((*MODEL, "endpoints"), GONE), ("edgeway:layers", [])], 1024, 2000),
        # an instance has its machine's memory
        ([((*MODEL, "endpoints"), [{"kind": "online"}]), ("edgeway:layers", [])], 7168, 2000),
        ([((*MODEL, "endpoints", 1), {"kind": "online", "latencyMs": 900})], 512, 900),
        # each worker loads the model
        ([((*ENDPOINT, "workers"), 4)], 256, 2000),
        ([((*LAYER, "settings"), {"memoryMb": 600, "workers": 3})], 200, 2000),
    ],
)
def test_the_smallest_limits_of_all_places_count(changes: list[Change], memory_mb: int, timeout_ms: int) -> None:
    paths = [(path if isinstance(path, tuple) else (path,), value) for path, value in changes]
    assert limits(*paths) == PlaceLimits(memory_mb=memory_mb, timeout_ms=timeout_ms)


def test_a_gpu_is_for_a_model_whose_image_can_use_it() -> None:
    wanted = ((*LAYER, "settings"), {"gpu": True}), (("edgeway:devices", 0, "gpu"), True)
    with pytest.raises(SettingsError) as told:
        limits(*wanted)
    assert str(told.value).splitlines()[-1].strip(" -") == (
        "edgeway:layers[0].settings.gpu: true is refused; allowed: false, or true where edgeway:models[0], anomaly, "
        "says so, too: its image has the CPU alone"
    )
    assert limits(*wanted, ((*MODEL, "gpu"), True)).memory_mb == 512


def test_a_golden_example_must_fit_where_bodies_are_smallest_and_batches_are_asked_for_where_one_place_has_them() -> (
    None
):
    found = limits(
        ((*ENDPOINT, "bodyLimitMb"), 8),
        ((*LAYER, "settings"), {"bodyLimitMb": 2, "batch": {"max": 32}}),
    )

    # to a device's module without a port examples come as messages, which have the hub's own limit
    assert (found.body_limit_mb, found.batch_rows) == (8, 32)
    found = limits(((*ENDPOINT, "bodyLimitMb"), 8), ((*LAYER, "settings"), {"bodyLimitMb": 2, "port": 5001}))
    assert found.body_limit_mb == 2


@pytest.mark.parametrize(
    ("given", "latency_ms", "seconds"), [({}, 2000, 20), ({}, 30_000, 120), ({"startSeconds": 9}, 30_000, 9)]
)
def test_a_gate_waits_for_the_answers_that_places_allow_unless_it_is_told_how_long(
    given: dict[str, int], latency_ms: int, seconds: int
) -> None:
    settings = load(changed(((*MODEL, "gate"), given)))
    assert settings.models[0].gate.seconds(latency_ms) == seconds
