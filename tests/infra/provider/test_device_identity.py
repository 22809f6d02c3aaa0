from __future__ import annotations

import pytest

from cloud.iot_hub import IotHub
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
    assert outputs["connectionString"] == f"HostName={hub_host};DeviceId=made;SharedAccessKey={outputs['primaryKey']}"
    assert RESOURCE.read(Recorder(), id, inputs, outputs) == (id, inputs, outputs)
    RESOURCE.delete(Recorder(), id, inputs, outputs)
    with pytest.raises(Gone):
        RESOURCE.read(Recorder(), id, inputs, outputs)
    with pytest.raises(Gone):
        RESOURCE.delete(Recorder(), id, inputs, outputs)


def test_a_device_is_imported_by_its_id(hub_host: str) -> None:
    inputs = _inputs(hub_host, "imported", site="lab")
    id, _ = RESOURCE.create(Recorder(), inputs)
    assert RESOURCE.read(Recorder(), id, {}, {})[1] == inputs


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
    news = _inputs(hub_host, "kept", model="anomaly")
    updated = RESOURCE.update(Recorder(), id, inputs, news, outputs)
    assert updated["tags"] == {"model": "anomaly"}
    assert {name: updated[name] for name in RESOURCE.stable_outputs} == {
        name: outputs[name] for name in RESOURCE.stable_outputs
    }


def test_a_half_made_device_is_adopted_with_its_keys(hub_host: str) -> None:
    IotHub(Recorder(), hub_host).create_device("half", edge=True)
    key = IotHub(Recorder(), hub_host).device("half").primary_key
    _, outputs = RESOURCE.create(Recorder(), _inputs(hub_host, "half", site="lab"))
    assert outputs["primaryKey"] == key
    assert IotHub(Recorder(), hub_host).device("half").tags == {"site": "lab"}


def test_a_device_of_somebody_else_is_not_adopted(hub_host: str) -> None:
    RESOURCE.create(Recorder(), _inputs(hub_host, "theirs", owner="someone"))
    with pytest.raises(ProviderError, match=r"exists already .* take it over with `pulumi import"):
        RESOURCE.create(Recorder(), _inputs(hub_host, "theirs", owner="me"))


def test_bad_inputs_are_refused_by_name() -> None:
    failures = refused(RESOURCE, {"hubHost": "h", "deviceId": "a b", "tags": {"a.b": "x"}, "extra": 1})
    assert {failure.path for failure in failures} == {"deviceId", "tags.a.b", "extra"}
    assert refused(RESOURCE, {"hubHost": "h"})[0].path == "deviceId"


def test_keys_are_secret() -> None:
    assert {"primaryKey", "connectionString"} == RESOURCE.secret_outputs
