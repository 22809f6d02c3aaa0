"""Values that nobody means to write: each is refused as a finding, never by an exception of Python, never let in."""

from __future__ import annotations

from typing import Any

import pytest

from edge.layers import catalogue
from infra.settings.checks import check
from infra.settings.load import SettingsError, load
from infra.settings.wording import misfits
from tests.infra.settings.good import DEVICE, LAYER, MODEL, changed

KNOWN = ", ".join(sorted(catalogue()))


def findings(*changes: tuple[tuple[str | int, ...], Any], secret: tuple[str, ...] = ()) -> list[str]:
    with pytest.raises(SettingsError) as refusal:
        check(load(changed(*changes), secret), catalogue(), secret)
    return [str(problem) for problem in refusal.value.problems]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("edgeway:environment",), "dev\n"),
        (("edgeway:location",), "westeurope\n"),
        (("edgeway:edgeRuntime",), "1.6.1\n"),
        ((*MODEL, "name"), "anomaly\n"),
        ((*MODEL, "train", "data"), {"source": "url", "url": "https://example.com", "sha256": "0" * 64 + "\n"}),
        ((*DEVICE, "id"), "edge-01\n"),
        ((*DEVICE, "tags", "model"), "anomaly\n"),
        ((*LAYER, "settings", "sensorImage"), "build\n"),
    ],
)
def test_a_line_end_after_a_value_is_refused(path: tuple[str | int, ...], value: Any) -> None:
    assert any("\\n" in finding and "allowed: " in finding for finding in findings((path, value)))


def test_digits_of_other_scripts_make_no_version() -> None:
    assert findings((("edgeway:edgeRuntime",), "１.6"))


@pytest.mark.parametrize("source", [["simulator"], {"simulator": 1}, None, 5])
def test_a_source_that_is_no_text_is_refused_as_an_unknown_one_is(source: Any) -> None:
    (finding,) = findings(((*MODEL, "train", "data", "source"), source))

    assert finding.startswith("edgeway:models[0].train.data.source: ")
    assert finding.endswith(" is refused; allowed: simulator or csv or url or none")


@pytest.mark.parametrize("condition", ["(" * 5000 + "tags.a" + ")" * 5000, "not " * 5000 + "tags.a", "1" + "+1" * 5000])
def test_a_condition_nested_without_measure_is_refused_as_one_that_cannot_be_read(condition: str) -> None:
    (finding,) = findings(((*LAYER, "targetCondition"), condition))

    assert "allowed: a condition over tags.<name> and deviceId (column " in finding


def test_a_priority_that_the_hub_cannot_hold_is_refused() -> None:
    assert findings(((*LAYER, "priority"), 2**31 - 1)) == [
        "edgeway:layers[0].priority: priority 2147483647 is refused; 2147483646 is the highest"
    ]


def test_a_text_that_is_no_json_is_told_what_is_allowed() -> None:
    assert findings((("edgeway:protect",), "True")) == ['edgeway:protect: "True" is refused; allowed: true or false']


CONDITION = "a condition over tags.<name> and deviceId"


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ((*LAYER, "targetCondition"), "tags.hunter2 =", f"[secret] is refused; allowed: {CONDITION}"),
        ((*LAYER, "targetCondition"), "hunter2", f"[secret] is refused; allowed: {CONDITION}"),
        ((*LAYER, "name"), "hunter2", f"[secret] is refused; allowed: a layer of edge/layers: {KNOWN}"),
        (
            (*LAYER, "settings", "intervalSeconds"),
            "hunter2",
            "[secret] is refused; allowed: a number from 0.01 to 3_600",
        ),
        ((*LAYER, "priority"), 13, "is refused; allowed: 20 or more, up to what the hub can hold"),
        (
            (*LAYER, "settings", "sensorImage"),
            "hunter2 13",
            "[secret] is refused; allowed: 'build' (the project's own) or registry/repository with :tag or @sha256:...",
        ),
        (
            (*DEVICE, "tags", "environment"),
            "hunter2",
            "[secret] is refused; why may cite what is encrypted under edgeway:devices: a preview without that tells "
            "it",
        ),
    ],
)
def test_what_spans_several_keys_is_told_without_a_secret(path: tuple[str | int, ...], value: Any, told: str) -> None:
    (finding,) = findings((path, value), secret=("edgeway:layers", "edgeway:devices"))

    assert "hunter2" not in finding
    assert finding.endswith(f": {told}")


def test_an_unknown_key_beside_a_secret_is_told_with_those_that_are_known() -> None:
    (finding,) = findings(((*LAYER, "settings", "sensorImag"), "hunter2"), secret=("edgeway:layers",))

    assert finding.startswith("edgeway:layers[0].settings.sensorImag: unknown key; allowed are intervalSeconds, ")


def test_the_new_spelling_of_a_former_key_can_be_pasted_whatever_it_holds() -> None:
    edge = {"priority": 20, "targetCondition": "tags.model = '\N{GRINNING FACE}'"}

    (finding,) = findings(((*MODEL, "edge"), edge))

    assert "\N{GRINNING FACE}" in finding


def test_a_former_layer_of_a_model_without_a_name_says_that_a_name_is_wanted() -> None:
    nameless = {"train": {"data": {"source": "simulator", "seed": 0, "rows": 618}}, "edge": {"priority": 20}}

    assert '{"name": "<layer>", "priority": 20}' in findings((MODEL, nameless))[0]


@pytest.mark.parametrize("key", ["edgeway:models", "edgeway:layers", "edgeway:sensor"])
def test_a_tree_nested_without_measure_is_refused_at_its_key(key: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        load({**changed(), key: "[" * 100_000 + "]" * 100_000})

    assert [problem.key for problem in refusal.value.problems] == [key]


def test_a_user_in_a_refused_url_is_not_repeated() -> None:
    given = {"video": "rtsp://admin:hunter2@camera.local/live"}
    (problem,) = misfits("edgeway:layers[0].settings", given, catalogue()["people_detection"].settings)
    assert "hunter2" not in str(problem) and "admin" not in str(problem)
    assert "rtsp://***@camera.local/live" in str(problem)
