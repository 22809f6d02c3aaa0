from __future__ import annotations

import pytest

from cloud.errors import ServiceError
from cloud.iot_hub import IotHub, device_keys
from infra.provider.types.device_identity import DeviceIdentity
from pluginbase.resource import Gone, ProviderError
from tests.infra.provider.recorder import Recorder, checked, refused

RESOURCE = DeviceIdentity()


def _inputs(host: str, device: str, **tags: str) -> dict[str, object]:
    return checked(RESOURCE, {"hubHost": host, "deviceId": device, "tags": tags})


def test_a_device_is_made_read_and_deleted(hub_host: str) -> None:
    inputs = _inputs(hub_host, "made", model="anomaly")
    id, outputs = RESOURCE.create(Recorder(), inputs)
    assert id == f"{hub_host}/made"
    assert RESOURCE.read(Recorder(), id, inputs, outputs) == (id, inputs, outputs)
    RESOURCE.delete(Recorder(), id, inputs, outputs)
    with pytest.raises(Gone):
        RESOURCE.read(Recorder(), id, inputs, outputs)
    with pytest.raises(Gone):
        RESOURCE.delete(Recorder(), id, inputs, outputs)


def test_a_device_is_imported_by_its_id(hub_host: str) -> None:
    inputs = _inputs(hub_host, "imported", site="lab")
    id, outputs = RESOURCE.create(Recorder(), inputs)
    assert RESOURCE.read(Recorder(), id, {}, {}) == (id, inputs, outputs)


def test_a_tag_changed_outside_is_drift_and_an_update_mends_it(hub_host: str) -> None:
    inputs = _inputs(hub_host, "drifting", site="lab")
    id, outputs = RESOURCE.create(Recorder(), inputs)
    IotHub(Recorder(), hub_host).patch_tags("drifting", {"site": "moved", "extra": 1})
    _, live, _ = RESOURCE.read(Recorder(), id, inputs, outputs)
    changed = {change.text: change.kind for change in RESOURCE.diff(Recorder(), id, live, inputs, outputs)}
    assert changed == {"tags.extra": "delete", "tags.site": "update"}
    RESOURCE.update(Recorder(), id, live, inputs, outputs)
    assert RESOURCE.read(Recorder(), id, inputs, outputs)[1] == inputs


def test_an_update_keeps_the_keys(hub_host: str) -> None:
    inputs = _inputs(hub_host, "kept", site="lab")
    id, outputs = RESOURCE.create(Recorder(), inputs)
    before = device_keys(IotHub(Recorder(), hub_host), "kept")
    news = _inputs(hub_host, "kept", model="anomaly")
    updated = RESOURCE.update(Recorder(), id, inputs, news, outputs)
    assert updated["tags"] == {"model": "anomaly"}
    assert updated["generationId"] == outputs["generationId"]
    assert device_keys(IotHub(Recorder(), hub_host), "kept") == before


def test_a_half_made_device_is_adopted_with_its_keys(hub_host: str) -> None:
    IotHub(Recorder(), hub_host).create_device("half", edge=True)
    key = IotHub(Recorder(), hub_host).device("half").primary_key
    _, outputs = RESOURCE.create(Recorder(), _inputs(hub_host, "half", site="lab"))
    assert device_keys(IotHub(Recorder(), hub_host), "half").primary == key
    assert IotHub(Recorder(), hub_host).device("half").tags == {"site": "lab", "edgewayMark": outputs["mark"]}


def test_a_row_deletes_only_a_device_that_carries_its_mark(hub_host: str) -> None:
    inputs = _inputs(hub_host, "moved", site="lab")
    id, old_row = RESOURCE.create(Recorder(), inputs)
    before = device_keys(IotHub(Recorder(), hub_host), "moved")
    _, new_row = RESOURCE.create(Recorder(), inputs)
    assert device_keys(IotHub(Recorder(), hub_host), "moved") == before
    RESOURCE.delete(Recorder(), id, inputs, old_row)
    assert RESOURCE.read(Recorder(), id, inputs, new_row)[1] == inputs
    # the program goes back to the old row: it takes its own again, and the new one has nothing to delete
    ctx = Recorder()
    assert [change.text for change in RESOURCE.diff(ctx, id, inputs, inputs, old_row)] == ["mark"]
    assert "has another mark" in ctx.logs[0]
    RESOURCE.update(Recorder(), id, inputs, inputs, old_row)
    RESOURCE.delete(Recorder(), id, inputs, new_row)
    assert RESOURCE.diff(Recorder(), id, inputs, inputs, old_row) == []


def test_a_row_of_older_code_is_read_updated_and_deleted(hub_host: str) -> None:
    inputs = _inputs(hub_host, "older", site="lab")
    id, outputs = RESOURCE.create(Recorder(), inputs)
    IotHub(Recorder(), hub_host).patch_tags("older", {"edgewayMark": None})
    row = {name: value for name, value in outputs.items() if name != "mark"}
    assert RESOURCE.diff(Recorder(), id, inputs, inputs, row) == []
    assert RESOURCE.read(Recorder(), id, inputs, row) == (id, inputs, row)
    _, taken = RESOURCE.create(Recorder(), inputs)
    RESOURCE.delete(Recorder(), id, inputs, row)
    assert RESOURCE.read(Recorder(), id, inputs, taken)[1] == inputs
    IotHub(Recorder(), hub_host).patch_tags("older", {"edgewayMark": None})
    RESOURCE.delete(Recorder(), id, inputs, row)
    with pytest.raises(Gone):
        RESOURCE.read(Recorder(), id, inputs, row)


def test_a_hub_that_does_not_answer_hides_no_preview(monkeypatch: pytest.MonkeyPatch) -> None:
    def twin_tags(hub: IotHub, device_id: str) -> None:
        raise ServiceError("twin", 0, "", "no route")

    monkeypatch.setattr(IotHub, "twin_tags", twin_tags)
    inputs = _inputs("h", "unreached")
    assert RESOURCE.diff(Recorder(), "h/unreached", inputs, inputs, {"mark": "m"}) == []


def test_a_device_of_somebody_else_is_not_adopted(hub_host: str) -> None:
    RESOURCE.create(Recorder(), _inputs(hub_host, "theirs", owner="someone"))
    with pytest.raises(ProviderError, match=r"exists already .* take it over with `pulumi import"):
        RESOURCE.create(Recorder(), _inputs(hub_host, "theirs", owner="me"))


def test_bad_inputs_are_refused_by_name() -> None:
    failures = refused(RESOURCE, {"hubHost": "h", "deviceId": "a b", "tags": {"a.b": "x"}, "extra": 1})
    assert {failure.path for failure in failures} == {"deviceId", "tags.a.b", "extra"}
    assert refused(RESOURCE, {"hubHost": "h"})[0].path == "deviceId"
    for no_segment in (".", ".."):
        assert refused(RESOURCE, {"hubHost": "h", "deviceId": no_segment})[0].path == "deviceId"


def test_no_key_goes_into_the_state(hub_host: str) -> None:
    _, outputs = RESOURCE.create(Recorder(), _inputs(hub_host, "keyless"))
    keys = device_keys(IotHub(Recorder(), hub_host), "keyless")
    assert keys.primary not in str(outputs) and keys.secondary not in str(outputs)
