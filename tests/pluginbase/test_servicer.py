from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2

from pluginbase.engine import CHANNEL_OPTIONS
from pluginbase.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2
from pluginbase.resource import Cancelled, OperationContext
from pluginbase.server import start
from pluginbase.servicer import Servicer
from pluginbase.values import UNKNOWN, dump, load
from tests.pluginbase.conftest import URN, Plugin
from tests.pluginbase.toy import BROKEN, REFUSED, SOLD_OUT, UNREADY, Box

PASSWORD = "correct-horse-battery"
SECRET = {("password",)}


def box(**inputs: Any) -> dict[str, Any]:
    return {"name": "crate", "size": 2, "password": PASSWORD, **inputs}


def create(plugin: Plugin, inputs: dict[str, Any], *, preview: bool = False) -> provider_pb2.CreateResponse:
    request = provider_pb2.CreateRequest(urn=URN, properties=dump(inputs, SECRET), preview=preview)
    response: provider_pb2.CreateResponse = plugin.stub.Create(request)
    return response


def refusal(plugin: Plugin, inputs: dict[str, Any]) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as caught:
        create(plugin, inputs)
    return caught.value


def check(plugin: Plugin, inputs: dict[str, Any], secrets: set[Any]) -> provider_pb2.CheckResponse:
    response: provider_pb2.CheckResponse = plugin.stub.Check(
        provider_pb2.CheckRequest(urn=URN, news=dump(inputs, secrets))
    )
    return response


def test_all_failures_of_a_check_are_told_and_defaults_come_back(plugin: Plugin) -> None:
    response = check(plugin, {"name": "n", "parts": [{}]}, set())

    assert load(response.inputs)[0]["size"] == 1
    assert [(failure.property, failure.reason) for failure in response.failures] == [("", "parts[0].key: is missing")]


def test_a_failure_names_a_plain_property(plugin: Plugin) -> None:
    (failure,) = check(plugin, {"name": "n", "size": "x"}, set()).failures

    assert (failure.property, failure.reason) == ("size", "expected a whole number above 0, got 'x'")


def test_a_failure_never_carries_a_secret(plugin: Plugin) -> None:
    (failure,) = check(plugin, {"name": "n", "password": "hunter2-hunter2"}, SECRET).failures

    assert (failure.property, failure.reason) == ("", "password: [secret] is on every list")


def test_secrets_come_back_as_secrets_from_a_check(plugin: Plugin) -> None:
    assert load(check(plugin, box(), SECRET).inputs)[1] == SECRET


def test_a_preview_of_a_creation_makes_nothing(plugin: Plugin, tmp_path: Path) -> None:
    response = create(plugin, box(size=UNKNOWN), preview=True)

    outputs, secrets = load(response.properties)
    assert response.id == ""
    assert outputs["serial"] is UNKNOWN and outputs["size"] is UNKNOWN and outputs["name"] == "crate"
    assert secrets == {("password",), ("token",)}
    assert list(tmp_path.iterdir()) == []


def test_a_creation_marks_secrets_by_place_by_name_and_in_the_log(plugin: Plugin) -> None:
    response = create(plugin, box())

    assert load(response.properties)[1] == {("password",), ("token",)}
    assert [(request.message, request.ephemeral) for request in plugin.engine.heard] == [
        ("folding", True),
        ("box crate with password [secret] is made", False),
    ]


def test_a_refusal_is_shown_as_it_stands_without_secrets(plugin: Plugin) -> None:
    error = refusal(plugin, box(size=REFUSED))

    assert error.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert error.details() == "no board is large enough for crate ([secret])"


def test_an_error_that_the_plugin_names_as_plain_is_shown_as_it_stands_too(plugin: Plugin) -> None:
    error = refusal(plugin, box(size=SOLD_OUT))

    assert error.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert error.details() == "no cardboard for crate ([secret])"


def test_a_defect_is_shown_as_type_and_message_and_traced_in_the_debug_log(plugin: Plugin) -> None:
    error = refusal(plugin, box(size=BROKEN))

    assert error.details() == "internal error in the toy plugin: ZeroDivisionError: folded [secret] by zero"
    trace = plugin.engine.heard[-1]
    assert trace.severity == 0
    assert "toy.py" in trace.message and PASSWORD not in trace.message


def test_a_half_made_resource_is_handed_to_the_engine_with_its_reasons(plugin: Plugin) -> None:
    error = refusal(plugin, box(size=UNREADY))

    (packed,) = [item.value for item in error.trailing_metadata() if item.key == "grpc-status-details-bin"]
    status = status_pb2.Status.FromString(packed)
    detail = provider_pb2.ErrorResourceInitFailed()
    assert status.details[0].Unpack(detail)
    assert detail.id == "crate"
    assert list(detail.reasons) == ["a box of size 13 does not close"]
    assert load(detail.properties)[1] == {("password",), ("token",)}
    assert load(detail.inputs) == (box(size=UNREADY), SECRET)


def test_a_difference_tells_kinds_replacement_and_order(plugin: Plugin) -> None:
    response = plugin.stub.Diff(
        provider_pb2.DiffRequest(
            id="crate",
            urn=URN,
            olds=dump(box()),
            old_inputs=dump(box(size=1, note="x")),
            news=dump(box(name="chest", size=3)),
            ignoreChanges=["note"],
        )
    )

    kinds = {path: provider_pb2.PropertyDiff.Kind.Name(item.kind) for path, item in response.detailedDiff.items()}
    assert kinds == {"name": "UPDATE_REPLACE", "size": "UPDATE"}
    assert all(item.inputDiff for item in response.detailedDiff.values())
    assert list(response.replaces) == ["name"]
    assert response.deleteBeforeReplace


def test_equal_inputs_are_no_difference(plugin: Plugin) -> None:
    response = plugin.stub.Diff(
        provider_pb2.DiffRequest(urn=URN, old_inputs=dump(box()), news=dump(box(), SECRET), olds=dump(box()))
    )

    assert response.changes == provider_pb2.DiffResponse.DIFF_NONE
    assert not response.deleteBeforeReplace
    assert list(response.stables) == ["name", "serial"]


def test_the_preview_of_an_update_keeps_stable_outputs(plugin: Plugin) -> None:
    state, _ = load(create(plugin, box()).properties)

    response = plugin.stub.Update(
        provider_pb2.UpdateRequest(
            id="crate",
            urn=URN,
            olds=dump(state),
            old_inputs=dump(box()),
            news=dump(box(size=5), SECRET),
            preview=True,
        )
    )

    outputs, _ = load(response.properties)
    assert outputs["serial"] == state["serial"]
    assert outputs["token"] is UNKNOWN
    assert outputs["size"] == 5


def test_a_value_that_is_secret_no_more_is_stored_in_the_clear(plugin: Plugin) -> None:
    state, _ = load(create(plugin, box()).properties)

    response = plugin.stub.Update(
        provider_pb2.UpdateRequest(
            id="crate",
            urn=URN,
            olds=dump(state, SECRET | {("token",)}),
            old_inputs=dump(box(), SECRET),
            news=dump(box()),
        )
    )

    assert load(response.properties)[1] == {("token",)}


def test_a_read_sees_what_changed_behind_the_engines_back(plugin: Plugin, tmp_path: Path) -> None:
    state, _ = load(create(plugin, box()).properties)
    (tmp_path / "crate.json").write_text(json.dumps({**state, "size": 77}))

    response = plugin.stub.Read(
        provider_pb2.ReadRequest(
            id="crate", urn=URN, properties=dump(state, SECRET | {("token",)}), inputs=dump(box(), SECRET)
        )
    )

    assert load(response.inputs) == (box(size=77), SECRET)
    assert load(response.properties) == ({**state, "size": 77}, SECRET | {("token",)})


def test_what_is_gone_reads_as_an_empty_id_and_deletes_without_error(plugin: Plugin) -> None:
    assert plugin.stub.Read(provider_pb2.ReadRequest(id="crate", urn=URN)).id == ""
    assert plugin.stub.Delete(provider_pb2.DeleteRequest(id="crate", urn=URN)) == empty_pb2.Empty()


def test_a_function_answers_and_an_unknown_one_is_refused_by_name(plugin: Plugin) -> None:
    create(plugin, box())

    response = plugin.stub.Invoke(provider_pb2.InvokeRequest(tok="toy:index:measure", args=dump({"name": "crate"})))
    assert load(getattr(response, "return"))[0] == {"size": 2}

    with pytest.raises(grpc.RpcError) as caught:
        plugin.stub.Invoke(provider_pb2.InvokeRequest(tok="toy:index:weigh"))
    assert caught.value.details() == "unknown function 'toy:index:weigh': toy has toy:index:measure"


def test_an_unknown_resource_type_is_refused_by_name(plugin: Plugin) -> None:
    urn = URN.replace("Box", "Bag")
    with pytest.raises(grpc.RpcError) as caught:
        plugin.stub.Delete(provider_pb2.DeleteRequest(id="x", urn=urn))
    assert caught.value.details() == "unknown resource type 'toy:index:Bag': toy has toy:index:Box"


def test_cancel_ends_a_wait(plugin: Plugin) -> None:
    plugin.stub.Cancel(empty_pb2.Empty())

    with pytest.raises(Cancelled, match="cancelled"):
        OperationContext(cancelled=plugin.servicer.cancelled).wait(60)


def test_the_next_engine_to_attach_starts_uncancelled(plugin: Plugin) -> None:
    plugin.stub.Cancel(empty_pb2.Empty())

    plugin.stub.Attach(plugin_pb2.PluginAttach(address="127.0.0.1:1"))

    assert not plugin.servicer.cancelled.is_set()


def test_a_wait_ends_with_the_time_that_the_resource_was_given() -> None:
    with pytest.raises(Cancelled, match=r"not done within the 0\.01 s of its customTimeouts"):
        OperationContext(timeout_seconds=0.01).wait(60)


def test_the_plugin_says_who_it_is(plugin: Plugin) -> None:
    assert plugin.stub.GetPluginInfo(empty_pb2.Empty()).version == "0.1.0"
    assert json.loads(plugin.stub.GetSchema(provider_pb2.GetSchemaRequest()).schema) == {
        "name": "toy",
        "version": "0.1.0",
    }
    assert plugin.stub.Attach(plugin_pb2.PluginAttach(address="127.0.0.1:1")) == empty_pb2.Empty()


def test_a_lost_engine_does_not_fail_an_operation(plugin: Plugin) -> None:
    plugin.stub.Attach(plugin_pb2.PluginAttach(address="127.0.0.1:1"))

    assert create(plugin, box()).id == "crate"
    assert (Path(os.environ["TOY_BOXES"]) / "crate.json").exists()


def test_what_operations_need_is_prepared_once_and_not_for_a_preview(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOY_BOXES", str(tmp_path))
    prepared: list[str] = []
    servicer = Servicer("toy", "0.1.0", [Box()], prepare=lambda: prepared.append("now"))
    server, port = start(servicer)
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}", options=CHANNEL_OPTIONS) as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            for preview, expected in ((True, 0), (False, 1), (False, 1)):
                properties = dump(box(), SECRET)
                stub.Create(provider_pb2.CreateRequest(urn=URN, properties=properties, preview=preview))
                assert len(prepared) == expected
    finally:
        server.stop(None)


class Scales(Box):
    diff_asks_service = True


@pytest.mark.parametrize(("resource", "expected"), [(Box(), 0), (Scales(), 1)])
def test_a_diff_that_asks_a_service_is_prepared_for_it(resource: Box, expected: int) -> None:
    prepared: list[str] = []
    servicer = Servicer("toy", "0.1.0", [resource], prepare=lambda: prepared.append("now"))
    server, port = start(servicer)
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}", options=CHANNEL_OPTIONS) as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            stub.Diff(provider_pb2.DiffRequest(urn=URN, old_inputs=dump(box()), news=dump(box())))
        assert len(prepared) == expected
    finally:
        server.stop(None)
