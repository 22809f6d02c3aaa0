"""Machines that only remember, behind Azure's types, and bodies as the program sends them."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from standin.core.arm.paths import merge
from standin.core.part import Part
from tests.standin.asking import GROUP, Answering, of_arm
from tests.standin.machines.fake_machines import FakeMachines
from tests.standin.network.bodies import PLACE, path

COMPUTE = f"{GROUP}/providers/Microsoft.Compute"
VM = f"{COMPUTE}/virtualMachines/vm"
NIC = path("networkInterfaces", "nic")
USER_DATA = b"#cloud-config\nhostname: edge-01\n"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB someone@example"


def fake_machines(parts: Sequence[Part], refusal: str = "") -> FakeMachines:
    """In the place of those in containers."""
    kind: Any = next(part.kinds[0] for part in parts if part.name == "compute")
    machines = kind._machines.machines = FakeMachines(refusal)
    return machines


def machine(**more: Any) -> dict[str, Any]:
    ssh = {"publicKeys": [{"path": "/home/edgeway/.ssh/authorized_keys", "keyData": KEY}]}
    body = {
        **PLACE,
        "properties": {
            "hardwareProfile": {"vmSize": "Standard_B2s_v2"},
            "securityProfile": {
                "securityType": "TrustedLaunch",
                "uefiSettings": {"secureBootEnabled": True, "vTpmEnabled": True},
            },
            "osProfile": {
                "computerName": "edge-01",
                "adminUsername": "edgeway",
                "customData": base64.b64encode(USER_DATA).decode(),
                "linuxConfiguration": {"disablePasswordAuthentication": True, "provisionVMAgent": True, "ssh": ssh},
            },
            "storageProfile": {
                "imageReference": {
                    "publisher": "Canonical",
                    "offer": "ubuntu-24_04-lts",
                    "sku": "server",
                    "version": "latest",
                },
                "osDisk": {
                    "createOption": "FromImage",
                    "deleteOption": "Delete",
                    "managedDisk": {"storageAccountType": "StandardSSD_LRS"},
                },
            },
            "networkProfile": {
                "networkInterfaces": [{"id": NIC, "properties": {"primary": True, "deleteOption": "Detach"}}]
            },
            "diagnosticsProfile": {"bootDiagnostics": {"enabled": True}},
        },
    }
    made: dict[str, Any] = merge(body, {"properties": more})
    return made


async def acted(answering: Answering, action: str, body: object = None) -> dict[str, Any]:
    """What an action answers at its Location: Azure never answers these at once."""
    status, text, headers = await answering.answered(of_arm("POST", f"{VM}/{action}"), body=body)
    assert status == 202, text
    where = headers["location"].removeprefix("https://management.azure.com").partition("?")[0]
    text = await answering.text(of_arm("GET", where))
    found: dict[str, Any] = json.loads(text) if text else {}
    return found


def command(script: str = "true", **more: Any) -> dict[str, Any]:
    return {**PLACE, "properties": {"source": {"script": script}, **more}}
