"""What a preview says of a device's virtual machine."""

from __future__ import annotations

from typing import Any

from cli.forecast.operations import Operation, Operations
from cli.forecast.sentences import sentences


def machine(op: str, old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    urn = "urn:pulumi:dev::p::azure-native:compute:VirtualMachine::vm-01"
    return [str(one) for one in sentences(Operations([Operation(op, urn, old, new)]))]


def test_a_machine_that_is_made_again_keeps_its_device_and_loses_its_disk() -> None:
    (told,) = machine("replace", {"osProfile": {"customData": "a"}}, {"osProfile": {"customData": "b"}})
    assert told.startswith("! the machine of device vm-01 is DELETED AND MADE AGAIN; lost or away: the device, ")
    assert "the device in the hub stays, with its key and its twin" in told
    assert told.endswith("messages that it stored and had not sent are lost")


def test_a_machine_of_another_size_restarts() -> None:
    (told,) = machine("update", {"hardwareProfile": {"vmSize": "A"}}, {"hardwareProfile": {"vmSize": "B"}})
    assert told.startswith("the machine of device vm-01 gets another size (A -> B): its modules are away while it")


def test_a_new_device_with_a_machine_connects_by_itself() -> None:
    urn = "urn:pulumi:dev::p::mledge:iothub:DeviceIdentity::vm-01"
    new = {"deviceId": "vm-01", "tags": {}, "keySecret": {"vault": "kv", "name": "device-vm-01"}}
    (told,) = [str(one) for one in sentences(Operations([Operation("create", urn, {}, new)]))]
    assert told.startswith("device vm-01 is new: its virtual machine connects by itself; ")
