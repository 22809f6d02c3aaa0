"""Whose a configuration is, and what an `up` that died has left: rows of the state beside what the hub holds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from clone.digests import of_deployment_content
from cloud.errors import ServiceError
from cloud.iot_hub import IotHub
from tests.edge.manifest.manifests import layer
from tests.infra.provider.edge_deployments import (
    RESOURCE,
    deployment,
    labelled,
    other,
    priorities,
)
from tests.infra.provider.recorder import Recorder


def test_a_row_deletes_only_what_carries_its_mark(hub_host: str) -> None:
    inputs = deployment(hub_host, "moved")
    id, old_row = RESOURCE.create(Recorder(), inputs)
    ctx = Recorder()
    _, new_row = RESOURCE.create(ctx, inputs)
    assert "taken over" in ctx.logs[0]
    assert new_row["configurationId"] == old_row["configurationId"]
    assert new_row["mark"] != old_row["mark"]
    RESOURCE.delete(Recorder(), id, inputs, old_row)
    assert list(labelled(hub_host, "moved")) == [new_row["configurationId"]]
    # the program goes back to the old row: it takes its own again, and the new one has nothing to delete
    ctx = Recorder()
    assert [change.text for change in RESOURCE.diff(ctx, id, inputs, inputs, old_row)] == ["configurationId"]
    assert "has another mark; `up` puts that right" in ctx.logs[0]
    RESOURCE.update(Recorder(), id, inputs, inputs, old_row)
    RESOURCE.delete(Recorder(), id, inputs, new_row)
    assert RESOURCE.diff(Recorder(), id, inputs, inputs, old_row) == []


def test_an_update_that_was_killed_is_seen_by_diff_and_read_and_goes_with_the_row(hub_host: str) -> None:
    inputs = deployment(hub_host, "killed")
    id, outputs = RESOURCE.create(Recorder(), inputs)
    news = deployment(hub_host, "killed", content=other(layer()))
    hub, digest = IotHub(Recorder(), hub_host), of_deployment_content(news["content"])
    left = replace(
        hub.configuration(outputs["configurationId"]),
        id=f"killed-{digest[:12]}",
        modules_content=news["content"],
        target_condition="tags.site = 'lab'",
        priority=21,
    )
    hub.create_configuration(left)
    ctx = Recorder()
    assert RESOURCE.diff(ctx, id, inputs, inputs, outputs) != []
    assert f"{left.id} stands in {hub_host} beside {outputs['configurationId']}" in ctx.logs[0]
    _, seen, state = RESOURCE.read(Recorder(), id, inputs, outputs)
    assert (seen["content"], seen["targetCondition"], seen["priority"]) == (news["content"], "tags.site = 'lab'", 20)
    assert (state["configurationId"], state["contentDigest"]) == (left.id, digest)
    # from what a refresh has told, to what the config says; and without a refresh
    assert RESOURCE.update(Recorder(), id, seen, inputs, state)["configurationId"] == outputs["configurationId"]
    assert priorities(hub_host, "killed") == {outputs["configurationId"]: 21}
    hub.create_configuration(replace(left, priority=22))
    RESOURCE.delete(Recorder(), id, inputs, outputs)
    assert labelled(hub_host, "killed") == {}


def test_what_was_deleted_outside_is_seen_and_made_anew(hub_host: str) -> None:
    inputs = deployment(hub_host, "vanished")
    id, outputs = RESOURCE.create(Recorder(), inputs)
    IotHub(Recorder(), hub_host).delete_configuration(outputs["configurationId"])
    ctx = Recorder()
    assert RESOURCE.diff(ctx, id, inputs, inputs, outputs) != []
    assert "stands no more" in ctx.logs[0]
    assert RESOURCE.update(Recorder(), id, inputs, inputs, outputs) == outputs
    assert list(labelled(hub_host, "vanished")) == [outputs["configurationId"]]


def test_a_hub_that_does_not_answer_hides_no_preview(monkeypatch: pytest.MonkeyPatch) -> None:
    def configurations(hub: IotHub) -> None:
        raise ServiceError("deployments", 0, "", "no route")

    monkeypatch.setattr(IotHub, "configurations", configurations)
    inputs = deployment("h", "unreached")
    assert RESOURCE.diff(Recorder(), "h/unreached", inputs, inputs, {"configurationId": "x"}) == []


def _of_older_code(hub_host: str, name: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """A row as it was before rows had marks: the id names the configuration, which has no mark either."""
    inputs = deployment(hub_host, name)
    _id, outputs = RESOURCE.create(Recorder(), inputs)
    del outputs["mark"]
    labels = {"edgewayDeployment": name, "edgewayContent": outputs["contentDigest"][:12]}
    IotHub(Recorder(), hub_host).change_configuration(outputs["configurationId"], labels=labels)
    return f"{hub_host}/{outputs['configurationId']}", inputs, outputs


def test_a_row_of_older_code_is_read_updated_and_deleted(hub_host: str) -> None:
    id, inputs, outputs = _of_older_code(hub_host, "older")
    assert RESOURCE.diff(Recorder(), id, inputs, inputs, outputs) == []
    assert RESOURCE.read(Recorder(), id, inputs, outputs) == (id, inputs, outputs)
    news = deployment(hub_host, "older", content=other(layer()))
    state = RESOURCE.update(Recorder(), id, inputs, news, outputs)
    assert RESOURCE.read(Recorder(), id, news, state) == (id, news, state)
    assert state["mark"]
    RESOURCE.delete(Recorder(), id, news, state)
    assert labelled(hub_host, "older") == {}


def test_a_pending_row_of_older_code_leaves_what_somebody_has_marked(hub_host: str) -> None:
    id, inputs, outputs = _of_older_code(hub_host, "pending")
    RESOURCE.create(Recorder(), inputs)
    RESOURCE.delete(Recorder(), id, inputs, outputs)
    assert list(labelled(hub_host, "pending")) == [outputs["configurationId"]]
    unmarked, inputs, outputs = _of_older_code(hub_host, "unmarked")
    RESOURCE.delete(Recorder(), unmarked, inputs, outputs)
    assert labelled(hub_host, "unmarked") == {}


@pytest.mark.parametrize("named", ["configurationId", "name"])
def test_a_deployment_is_imported_by_either_id(hub_host: str, named: str) -> None:
    inputs = deployment(hub_host, f"imported-{named.lower()}")
    _, outputs = RESOURCE.create(Recorder(), inputs)
    id = f"{hub_host}/{outputs[named]}"
    read, seen, state = RESOURCE.read(Recorder(), id, {}, {})
    assert (read, state["configurationId"], state["mark"]) == (id, outputs["configurationId"], outputs["mark"])
    assert {**seen, "content": inputs["content"]} == inputs
    assert RESOURCE.diff(Recorder(), id, seen, inputs, state) == []
