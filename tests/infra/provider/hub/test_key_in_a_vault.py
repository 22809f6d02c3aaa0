"""A device's key as a secret of a vault: it follows the hub, and is never taken back to an older one."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from cloud.arm import Arm
from cloud.errors import ServiceError
from cloud.iot_hub import DeviceKeys, IotHub, change_device_keys, device_keys, fresh_key
from cloud.machines.key_vault import KeyVault
from infra.provider.types.device_identity import DeviceIdentity
from pluginbase.resource import Properties
from tests.infra.provider.conftest import VAULT, make_vault
from tests.infra.provider.recorder import Recorder, checked

RESOURCE = DeviceIdentity()


@pytest.fixture
def vault(hub_host: str) -> KeyVault:
    make_vault(Arm(Recorder()))
    return KeyVault(Recorder(), VAULT)


@pytest.fixture
def device(hub_host: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """An id that no other test has."""
    yield f"d{uuid.uuid5(uuid.NAMESPACE_URL, request.node.name).hex[:20]}"


def inputs_of(host: str, device: str, **more: Any) -> Properties:
    secret = {"vault": VAULT, "name": f"device-{device}"}
    return checked(RESOURCE, {"hubHost": host, "deviceId": device, "tags": {}, "keySecret": secret, **more})


def keys_of(host: str, device: str) -> DeviceKeys:
    return device_keys(IotHub(Recorder(), host), device)


def rotate_half(host: str, vault: KeyVault, device: str) -> str:
    """As a rotation that was killed leaves it: the vault has the secondary key."""
    keys, new = keys_of(host, device), fresh_key()
    change_device_keys(IotHub(Recorder(), host), keys, primary=keys.primary, secondary=new)
    vault.set_secret(f"device-{device}", new, vault.secret(f"device-{device}").tags)
    return new


def test_the_vault_gets_the_key_and_the_state_does_not(hub_host: str, vault: KeyVault, device: str) -> None:
    inputs = inputs_of(hub_host, device)
    id, outputs = RESOURCE.create(Recorder(), inputs)
    key = keys_of(hub_host, device).primary
    assert vault.secret(f"device-{device}").value == key
    assert key not in str(outputs)
    assert RESOURCE.diff(Recorder(), id, inputs, inputs, outputs) == []
    assert RESOURCE.read(Recorder(), id, inputs, outputs) == (id, inputs, outputs)


def test_neither_an_update_nor_a_refresh_undoes_a_rotation(hub_host: str, vault: KeyVault, device: str) -> None:
    inputs = inputs_of(hub_host, device)
    id, outputs = RESOURCE.create(Recorder(), inputs)
    half = rotate_half(hub_host, vault, device)
    assert RESOURCE.diff(Recorder(), id, inputs, inputs, outputs) == []
    assert RESOURCE.read(Recorder(), id, inputs, outputs) == (id, inputs, outputs)
    tagged = {**inputs, "tags": {"site": "lab"}}
    RESOURCE.update(Recorder(), id, inputs, tagged, outputs)
    assert vault.secret(f"device-{device}").value == half
    keys = keys_of(hub_host, device)
    change_device_keys(IotHub(Recorder(), hub_host), keys, primary=half, secondary=fresh_key())
    assert RESOURCE.diff(Recorder(), id, tagged, tagged, outputs) == []
    RESOURCE.update(Recorder(), id, tagged, inputs, outputs)
    assert vault.secret(f"device-{device}").value == half == keys_of(hub_host, device).primary


def test_a_value_that_is_no_key_of_the_device_is_drift_and_an_update_mends_it(
    hub_host: str, vault: KeyVault, device: str
) -> None:
    inputs = inputs_of(hub_host, device)
    id, outputs = RESOURCE.create(Recorder(), inputs)
    vault.set_secret(f"device-{device}", fresh_key(), vault.secret(f"device-{device}").tags)
    ctx = Recorder()
    assert [change.text for change in RESOURCE.diff(ctx, id, inputs, inputs, outputs)] == ["mark"]
    assert "cannot sign in with what its vault has" in ctx.logs[0]
    RESOURCE.update(Recorder(), id, inputs, inputs, outputs)
    assert vault.secret(f"device-{device}").value == keys_of(hub_host, device).primary


def test_a_secret_written_by_hand_without_its_tags_goes_with_the_device_all_the_same(
    hub_host: str, vault: KeyVault, device: str
) -> None:
    inputs = inputs_of(hub_host, device)
    id, outputs = RESOURCE.create(Recorder(), inputs)
    vault.set_secret(f"device-{device}", keys_of(hub_host, device).secondary, {})
    ctx = Recorder()
    assert [change.text for change in RESOURCE.diff(ctx, id, inputs, inputs, outputs)] == ["mark"]
    assert "has a secret with another mark" in ctx.logs[0]
    RESOURCE.update(Recorder(), id, inputs, inputs, outputs)
    assert vault.secret(f"device-{device}").value == keys_of(hub_host, device).secondary
    RESOURCE.delete(Recorder(), id, inputs, outputs)
    with pytest.raises(ServiceError, match="SecretNotFound"):
        vault.secret(f"device-{device}")


def test_a_device_made_anew_has_its_new_key_in_the_secret_that_was_deleted(
    hub_host: str, vault: KeyVault, device: str
) -> None:
    inputs = inputs_of(hub_host, device)
    id, outputs = RESOURCE.create(Recorder(), inputs)
    old = vault.secret(f"device-{device}").value
    RESOURCE.delete(Recorder(), id, inputs, outputs)
    with pytest.raises(ServiceError, match="SecretNotFound"):
        vault.secret(f"device-{device}")
    RESOURCE.create(Recorder(), inputs)
    new = vault.secret(f"device-{device}").value
    assert new == keys_of(hub_host, device).primary != old


def test_a_secret_deleted_by_hand_is_drift_and_comes_back(hub_host: str, vault: KeyVault, device: str) -> None:
    inputs = inputs_of(hub_host, device)
    id, outputs = RESOURCE.create(Recorder(), inputs)
    vault.delete_secret(f"device-{device}")
    _, live, _ = RESOURCE.read(Recorder(), id, inputs, outputs)
    assert "keySecret" not in live
    RESOURCE.update(Recorder(), id, live, inputs, outputs)
    assert vault.secret(f"device-{device}").value == keys_of(hub_host, device).primary


def test_a_row_that_another_has_replaced_deletes_no_secret(hub_host: str, vault: KeyVault, device: str) -> None:
    inputs = inputs_of(hub_host, device)
    id, old_row = RESOURCE.create(Recorder(), inputs)
    RESOURCE.create(Recorder(), inputs)
    RESOURCE.delete(Recorder(), id, inputs, old_row)
    assert vault.secret(f"device-{device}").value == keys_of(hub_host, device).primary


def test_a_device_that_becomes_external_leaves_no_secret(hub_host: str, vault: KeyVault, device: str) -> None:
    inputs = inputs_of(hub_host, device)
    id, outputs = RESOURCE.create(Recorder(), inputs)
    external = {name: value for name, value in inputs.items() if name != "keySecret"}
    RESOURCE.update(Recorder(), id, inputs, external, outputs)
    with pytest.raises(ServiceError, match="SecretNotFound"):
        vault.secret(f"device-{device}")


def test_keys_change_only_from_those_that_were_read(hub_host: str, device: str) -> None:
    hub = IotHub(Recorder(), hub_host)
    hub.create_device(device, edge=True)
    read_first = keys_of(hub_host, device)
    one, other = fresh_key(), fresh_key()
    change_device_keys(hub, keys_of(hub_host, device), primary=one, secondary=other)
    with pytest.raises(ServiceError) as refused:
        change_device_keys(hub, read_first, primary=fresh_key(), secondary=fresh_key())
    assert refused.value.status == 412
    found = keys_of(hub_host, device)
    assert (found.primary, found.secondary) == (one, other)
    assert hub.device(device).edge
    # the answer was lost, and the same is asked again
    change_device_keys(hub, read_first, primary=one, secondary=other)
