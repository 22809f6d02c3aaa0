"""The sentences of changes that the real engine was asked about (`record`), word for word."""

from __future__ import annotations

import json
import re

import pytest

from cli.forecast.models import unknowns
from cli.forecast.operations import Operation, Operations, read_operations
from cli.forecast.sentences import as_json, sentences
from cli.forecast.words import words_by_type
from tests.cli.forecast.record import RECORDED

GROUP = words_by_type()["ContainerGroup"]
RESTARTS = f"group anomaly restarts in place: {GROUP['restart']}"
NOT_KNOWN = (
    "anomaly: version and metrics are known after training; below its thresholds (accuracy 0.98, recall 0.97) `up` "
    "fails and nothing is rolled out"
)
IN_PULUMIS_COUNT = " (61 in Pulumi's count, which has the components that hold them)"
CERTIFICATE = re.compile(r"BEGIN CERT|LS0tLS1|PRIVATE KEY")


def said(case: str) -> list[str]:
    name = case if "." in case else f"{case}.json"
    return [str(one) for one in sentences(read_operations((RECORDED / name).read_text()))]


def test_a_retrain_is_told_first_with_its_reason_its_places_and_its_devices() -> None:
    assert said("retrain") == [
        "anomaly retrains (max_depth none -> 5): group restarts, 1 device gets it, 0 others change",
        RESTARTS,
        "device edge-01: scorer restarts",
        NOT_KNOWN,
    ]


@pytest.mark.parametrize(
    ("case", "reason"),
    [("data", "data changed"), ("code", "training code changed"), ("retrain", "max_depth none -> 5")],
)
def test_the_reason_of_a_retrain_is_what_differs(case: str, reason: str) -> None:
    assert said(case)[0].startswith(f"anomaly retrains ({reason}): ")


def test_what_was_trained_here_before_is_known_before_up() -> None:
    first, *others = said("went_back")
    assert first == (
        "anomaly takes artifact 267263b924d7, trained here before (max_depth 3 -> none): group restarts, "
        "1 device gets it, 0 others change"
    )
    assert NOT_KNOWN not in others


def test_what_an_up_has_done_is_told_by_the_same_words_as_its_preview() -> None:
    assert said("went_back_done.events") == [one.replace(", trained here before", "") for one in said("went_back")]


def test_an_up_that_ended_before_the_model_was_served_does_not_say_that_it_is_taken() -> None:
    """Not even where the image was built: its gate may have refused it."""
    done = read_operations((RECORDED / "went_back_done.events").read_text())
    made = [one for one in done.all if one.type.rpartition(":")[2] in ("TrainingRun", "Image")]
    (first, *_) = sentences(Operations(made, done=True))
    assert first.text == (
        "anomaly: artifact 267263b924d7 is in the store (max_depth 3 -> none), nothing that serves has changed"
    )
    new = Operation("create", "urn:pulumi:dev::p::mledge:ml:TrainingRun::wear", {}, {}, {"digest": "ab" * 32})
    (told,) = sentences(Operations([new], done=True))
    assert told.text == "wear: artifact abababababab is in the store (new), nothing that serves has changed"
    (planned,) = [one for one in sentences(Operations([new])) if one.kind == "model"]
    assert planned.text == "wear is new: artifact abababababab, trained here before"


def test_the_event_log_of_a_preview_says_what_its_json_says() -> None:
    assert said("retrain.events") == said("retrain")


def test_where_nothing_changes_one_sentence_says_so() -> None:
    assert said("nothing") == ["nothing changes"]
    assert [str(one) for one in sentences(Operations([], done=True))] == ["nothing changed"]


def test_thresholds_train_nothing() -> None:
    assert said("thresholds") == ["anomaly is held to other thresholds (recall 0.97 -> 0.9): nothing trains"]


def test_a_threshold_of_two_ends_is_told_with_both() -> None:
    urn = "urn:pulumi:dev::p::mledge:ml:TrainingRun::wear"
    run = Operation("create", urn, {}, {"thresholds": {"mae": {"min": None, "max": 0.5}, "r2": {"min": 0.9}}})
    (known,) = unknowns(Operations([run]))
    assert "(mae at most 0.5, r2 at least 0.9)" in known.text
    other = Operation("update", urn, run.new, {"thresholds": {"mae": {"min": None, "max": 0.4}, "r2": {"min": 0.9}}})
    (held,) = sentences(Operations([other]))
    assert held.text == "wear is held to other thresholds (mae max 0.5 -> 0.4): nothing trains"


def test_a_retrain_on_a_cluster_names_it_and_its_job() -> None:
    urn = "urn:pulumi:dev::p::mledge:ml:TrainingRun::wear"
    here = {"model": "wear", "inputsDigest": "1" * 64, "hyperparameters": {}}
    there = {**here, "job": {"compute": "cpu-cluster", "image": "i"}}
    again = {**there, "inputsDigest": "2" * 64, "attempt": 2}

    told = [str(one) for one in sentences(Operations([Operation("replace", urn, there, again)]))]
    assert told[0] == f"wear retrains on cpu-cluster as job wear-{'2' * 12} (another attempt)"
    (moved,) = sentences(Operations([Operation("update", urn, here, there)]))
    assert str(moved) == "wear trains on cpu-cluster from its next training on: nothing trains now"
    rebuilt = {**there, "job": {"compute": "cpu-cluster", "image": "another"}}
    (image,) = sentences(Operations([Operation("update", urn, there, rebuilt)]))
    assert str(image) == "wear trains in another image from its next training on: nothing trains now"
    (back,) = sentences(Operations([Operation("update", urn, there, here)]))
    assert str(back) == "wear trains here from its next training on: nothing trains now"


def test_a_gate_may_end_a_retrain_and_one_that_is_set_anew_is_told() -> None:
    run = Operation("create", "urn:pulumi:dev::p::mledge:ml:TrainingRun::wear", {}, {})
    gate = Operation("create", "urn:pulumi:dev::p::mledge:docker:Gate::wear", {}, {"timeoutMs": 2000})
    (known,) = unknowns(Operations([run, gate]))
    assert known.text.endswith("; where its gate refuses it `up` fails and nothing is rolled out")
    other = Operation("update", gate.urn, gate.new, {"timeoutMs": 500})
    (told,) = sentences(Operations([other]))
    assert told.text == "wear has to pass its gate again (timeoutMs 2000 -> 500)"


def test_a_setting_of_a_layer_names_its_module_and_values() -> None:
    assert said("layer_setting") == [
        "layer anomaly changes (sensor: MessageDelay 00:00:01 -> 00:00:00.5000000): "
        "1 device notices it, 0 others change",
        "device edge-01: sensor restarts",
    ]


def test_a_device_that_a_condition_leaves_out_loses_its_modules() -> None:
    first, second = said("layer_target")
    assert "tags.model = 'anomaly' and tags.site = 'plant'" in first
    assert second == "device edge-01: scorer, sensor stop"


def test_a_new_device_is_told_with_what_it_needs_and_gets() -> None:
    assert said("device_added") == [
        "device edge-02 is new: `edgeway device config edge-02 --out DIR` writes what it needs to connect; "
        "layer anomaly starts"
    ]


def test_a_renamed_device_is_one_that_goes_and_one_that_comes_and_the_loss_is_first() -> None:
    gone, new = said("device_renamed")
    assert gone == f"! device edge-01 is DELETED; lost for good: {words_by_type()['DeviceIdentity']['lost']}"
    assert new.startswith("device edge-09 is new: ")


def test_other_tags_tell_what_that_means_for_the_device() -> None:
    assert said("device_moved") == ["device edge-01 has other tags (model anomaly -> other): layer anomaly stops"]
    assert said("device_tag") == ["device edge-01 has other tags (site lab -> plant): no module restarts"]


def test_more_memory_replaces_the_group_and_says_how_long_it_is_away() -> None:
    assert said("endpoint_memory") == [
        f"group anomaly is deleted and made again (memoryInGB 1 -> 2); away meanwhile: {GROUP['down']}"
    ]


def test_a_group_that_goes_is_a_loss() -> None:
    first, second = said("endpoint_gone")
    assert first == "! group anomaly is DELETED: nothing answers at edgeway-anomaly-local-df974d any more"
    assert second.startswith("beside that deleted: ")


def test_a_hub_that_is_replaced_comes_first_and_tells_what_is_lost_and_whose_keys_are_new() -> None:
    hub, device, *others = said("hub_partitions")
    assert hub == f"! the IoT hub is DELETED AND MADE AGAIN; lost or away: {words_by_type()['IotHubResource']['down']}"
    assert device.startswith("! device edge-01 is DELETED AND MADE AGAIN; ")
    assert not [one for one in others if one.startswith("!")]


def test_a_name_that_others_have_written_down_is_told_when_it_changes() -> None:
    def hub(name: str) -> dict[str, str]:
        return {"resourceName": name}

    urn = "urn:pulumi:dev::p::azure-native:iothub:IotHubResource::hub"
    told = [str(one) for one in sentences(Operations([Operation("replace", urn, hub("iot-a"), hub("iot-b"))]))]
    assert "the name of the hub, which devices connect to, changes: iot-a -> iot-b" in told


def test_a_module_that_a_layer_gains_and_a_variable_of_another_are_named() -> None:
    def layer(**modules: object) -> dict[str, object]:
        content = {f"properties.desired.modules.{name}": module for name, module in modules.items()}
        return {"name": "dev-l", "content": {"$edgeAgent": content}, "targetCondition": "*", "priority": 20}

    urn = "urn:pulumi:dev::p::mledge:iothub:EdgeDeployment::l"
    old, new = layer(scorer={"type": "docker"}), layer(scorer={"env": {"LIMIT": {"value": "9"}}}, replay={"a": 1})
    old["content"]["$edgeAgent"]["properties.desired.modules.scorer"] = {}  # type: ignore[index]
    (told,) = sentences(Operations([Operation("update", urn, old, new)]))
    assert told.text.startswith("layer l changes (module replay is new, scorer: LIMIT none -> 9): ")


def test_a_whole_environment_that_is_replaced_is_one_sentence_beside_its_devices() -> None:
    losses = [one for one in said("location") if one.startswith("!")]
    assert [one.partition(" is ")[0] for one in losses] == ["! the whole environment", "! device edge-01"]
    assert said("location")[-1] == "35 resources are deleted and made again in all"


def test_the_end_of_a_stack_is_told_as_the_loss_that_it_is() -> None:
    first, *devices, last = said("destroyed")
    assert first == f"! the whole environment is DELETED; lost for good: {words_by_type()['ResourceGroup']['lost']}"
    assert devices == [f"! device edge-01 is DELETED; lost for good: {words_by_type()['DeviceIdentity']['lost']}"]
    assert last == f"42 resources are deleted{IN_PULUMIS_COUNT} in all"


def test_a_stack_that_is_all_new_says_what_trains_and_what_a_device_starts() -> None:
    everything, model, *_ = said("everything_new")
    assert everything == f"everything is new: 42 resources are made{IN_PULUMIS_COUNT}"
    assert model == "anomaly is new and trains: group is new, 1 device gets it"
    assert any("edgeAgent, edgeHub, scorer, sensor start" in one for one in said("everything_new"))


@pytest.mark.parametrize("case", ["everything_new", "destroyed"])
def test_the_count_that_is_named_as_pulumis_is_pulumis(case: str) -> None:
    document = json.loads((RECORDED / f"{case}.json").read_text())
    (number,) = document["changeSummary"].values()
    assert f" ({number} in Pulumi's count, " in " ".join(said(case))


def test_a_name_of_several_lines_and_colours_is_told_on_one() -> None:
    urn = "urn:pulumi:dev::p::azure-native:web:Thing::a\nb\x1b[2J\u202e"
    told = [str(one) for one in sentences(Operations([Operation("create", urn, {}, {})]))]
    assert told == ["beside that made: Thing (a b [2J )"]


def test_one_resource_is_told_as_one() -> None:
    group = Operation("delete", "urn:pulumi:dev::p::azure-native:resources:ResourceGroup::group", {}, {})
    assert str(sentences(Operations([group]))[-1]) == "1 resource is deleted in all"


def test_a_new_runtime_restarts_the_system_modules_and_names_both_versions() -> None:
    first, second = said("runtime")
    assert "image azureiotedge-agent:1.6.1 -> azureiotedge-agent:1.5.40" in first
    assert second == "device edge-01: edgeAgent, edgeHub restart"


def test_another_scoring_server_is_no_retrain() -> None:
    assert said("scoring_image")[0] == (
        "anomaly is built anew (code of the scoring server changed): group restarts, 1 device gets it, 0 others change"
    )


def test_another_base_image_is_told_as_that() -> None:
    text = (RECORDED / "scoring_image.json").read_text().replace('"contextDigest":', '"unchanged":')
    former, now = (f'"buildArgs":{{"BASE_IMAGE":"python@sha256:{digest}"}}' for digest in ("1", "2"))
    text = text.replace('"buildArgs":{}', former, 1).replace('"buildArgs":{}', now, 1)
    assert str(sentences(read_operations(text))[0]).startswith("anomaly is built anew (base image changed): group")


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("scoring", "scoring_gpu", "it is now the image for GPUs, which its gate does not try on one"),
        ("scoring_gpu", "scoring", "it is now the image without what GPUs need"),
    ],
)
def test_a_model_that_is_to_compute_on_gpus_is_told_as_that(before: str, after: str, why: str) -> None:
    urn = "urn:pulumi:dev::p::mledge:docker:Image::anomaly"
    old, new = ({"image": one, "contextDigest": one, "artifactDigest": "1"} for one in (before, after))
    (sentence,) = [one for one in sentences(Operations([Operation("update", urn, old, new)])) if one.kind == "model"]
    assert str(sentence) == f"anomaly is built anew ({why})"


@pytest.mark.parametrize("case", sorted(path.name for path in RECORDED.iterdir()))
def test_no_secret_no_certificate_and_no_digest_of_an_image_is_in_a_sentence(case: str) -> None:
    for sentence in said(case):
        assert "[secret]" not in sentence
        assert "sha256:" not in sentence
        assert not CERTIFICATE.search(sentence)
        assert "04da6b54" not in sentence


def test_as_json_each_sentence_has_a_kind_and_each_device_what_it_notices() -> None:
    document = as_json(read_operations((RECORDED / "retrain.json").read_text()))
    assert [one["kind"] for one in document["sentences"]] == ["model", "place", "device", "unknown"]
    assert document["devices"] == {"edge-01": {"fate": "changed", "restarts": ["scorer"], "starts": [], "stops": []}}
    assert document["operations"] == {"replace": 1, "update": 4}
    json.dumps(document)


def test_a_group_that_has_not_answered_yet_is_waited_for_again_and_one_that_changes_says_so_itself() -> None:
    ready = Operation("create", "urn:pulumi:dev::p::mledge:azure:GroupReady::wear", {}, {})
    group = Operation("update", "urn:pulumi:dev::p::azure-native:containerinstance:ContainerGroup::wear", {}, {})
    alone, beside = (Operations(all, {}) for all in ([ready], [group, ready]))
    asked = "group wear stays as it is, and is asked until it answers"
    assert [str(one) for one in sentences(alone)] == [asked]
    assert asked not in [str(one) for one in sentences(beside)]
