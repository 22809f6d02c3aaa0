"""A stand-in with what a device's machine needs of Azure: a hub with the device, a vault with its key, an identity."""

from __future__ import annotations

import base64
import logging
import secrets
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from edge.machine.cloud_init import cloud_init
from edge.machine.files import Machine, VaultSecret, machine_files
from edge.machine.surroundings import Surroundings
from standin.core.auth import BUILT_IN_ROLES, DEPLOYER_OBJECT_ID, SUBSCRIPTION_ID, TENANT_ID
from standin.core.faults import Fault
from standin.machines import MachineSpec, Ran
from standin.machines.running import layout
from tests.standin.running import RunningStandin, running_standin
from tests.waiting import DEADLINE_S, until

GROUP = f"/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/rg"
HUB, VAULT, DEVICE = "hub-machines", "kv-machines", "edge-01"
IDENTITY = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-vm"
HOST = f"{HUB}.azure-devices.net"
SECRET = f"{GROUP}/providers/Microsoft.KeyVault/vaults/{VAULT}/secrets/device-{DEVICE}"
EDGE_AGENT = {
    "schemaVersion": "1.1",
    "runtime": {"type": "docker", "settings": {}},
    "systemModules": {},
    "modules": {},
}
_COMMAND_S = 4 * DEADLINE_S
"""One may wait for a run of edgeway-provision, which gives aziot-edged a minute to start."""


@dataclass
class World:
    standin: RunningStandin
    client: str
    """The identity's client id."""
    principal: str
    key: str
    answers: list[str] = field(default_factory=list)

    @property
    def machines(self) -> Any:
        """`DockerMachines`; ask it through `standin.wait_for`."""
        return next(part.service for part in self.standin.parts if part.name == "machines")._machines  # type: ignore[union-attr]

    def spec(self, vm_id: str = "", **changes: Any) -> MachineSpec:
        given = {
            "vm_id": vm_id or str(uuid.uuid4()),
            "resource_id": f"{GROUP}/providers/Microsoft.Compute/virtualMachines/vm-{DEVICE}",
            "hostname": DEVICE,
            "user_data": self.user_data().encode(),
            "identities": (IDENTITY,),
        }
        return MachineSpec(**(given | changes))

    def user_data(self) -> str:
        surroundings = Surroundings.of(self.standin.environment)
        key = VaultSecret(vault=VAULT, secret=f"device-{DEVICE}", client_id=self.client)
        machine = Machine(hub_host=HOST, device_id=DEVICE, key=key, made_by="a test", surroundings=surroundings)
        return cloud_init(machine_files(machine))

    def grant(self) -> None:
        roles = f"/subscriptions/{SUBSCRIPTION_ID}/providers/Microsoft.Authorization/roleDefinitions"
        self.put(
            f"{SECRET}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}",
            {
                "properties": {
                    "roleDefinitionId": f"{roles}/{BUILT_IN_ROLES['Key Vault Secrets User']}",
                    "principalId": self.principal,
                    "principalType": "ServicePrincipal",
                }
            },
        )

    def put(self, path: str, body: object) -> Any:
        answer = self.standin.arm("PUT", path, body)
        assert answer.status_code < 300, (path, answer.status_code, answer.text)
        return answer.json()

    def hub(self, method: str, path: str, body: object = None) -> Any:
        token = self.standin.do(lambda base: base.issuer.issue("https://iothubs.azure.net"))
        headers = {"Authorization": f"Bearer {token}"}
        url = f"https://{HOST}{path}?api-version=2021-04-12"
        answer = requests.request(method, url, json=body, headers=headers, timeout=DEADLINE_S)
        if "IotHubNotFound" in answer.text:  # for a moment after it was made
            until("the hub answers", lambda: requests.get(url, headers=headers, timeout=DEADLINE_S).status_code != 404)
            return self.hub(method, path, body)
        assert answer.status_code < 300, (path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def device(self) -> dict[str, Any]:
        answer = requests.get(f"{self.standin.surface}/devices/{HOST}/{DEVICE}", timeout=DEADLINE_S)
        found: dict[str, Any] = answer.json()
        return found

    def boot(self, spec: MachineSpec | None = None) -> MachineSpec:
        made = spec or self.spec()
        self.standin.wait_for(self.machines.create(made))
        return made

    def run(self, spec: MachineSpec, script: str, **parameters: str) -> Ran:
        work = self.machines.run(spec.vm_id, script, parameters, _COMMAND_S)
        done: Ran = self.standin.wait_for(work, within_s=_COMMAND_S)
        return done

    def serial(self, spec: MachineSpec) -> str:
        return bytes(self.standin.wait_for(self.machines.serial_log(spec.vm_id))).decode()

    def until_on(self, within_s: float = 2 * DEADLINE_S) -> None:
        until("the device is on", lambda: self.device()["power"] == "on", within_s=within_s)

    def until_off(self) -> None:
        until("the device is off", lambda: self.device()["power"] == "off")

    def state(self, spec: MachineSpec) -> str:
        return str(self.standin.wait_for(self.machines.state(spec.vm_id)))

    def name(self, spec: MachineSpec) -> str:
        """Its container's."""
        return layout.name(self.standin.base.docker, spec.vm_id)

    def fault(self, **fault: Any) -> None:
        self.standin.do(lambda base: base.faults.planned.append(Fault(**fault)))

    def asked(self, host: str) -> list[str]:
        """What the stand-in answered on a host until now: "GET <host>/<path> -> 200"."""
        return [line for line in self.answers if host in line]

    def write_key(self, key: str) -> None:
        self.put(SECRET, {"properties": {"value": key}})


@contextmanager
def world(state: Path, bridge: str | None, *, again: bool = False, **options: Any) -> Iterator[World]:
    """`bridge` is the gateway of Docker's network; without one there is no engine. `again`: its next life."""
    with running_standin(state, bridge=bridge, **options) as running, _pointed(running):
        made = World(standin=running, client="", principal="", key="")
        if not again:
            made.put(GROUP, {"location": "westeurope"})
        identity = made.put(IDENTITY, {"location": "westeurope"})["properties"]
        made.client, made.principal = identity["clientId"], identity["principalId"]
        if not again:
            _furnish(made)
        with _listening(made.answers):
            yield made


def _furnish(made: World) -> None:
    vault = {"tenantId": TENANT_ID, "sku": {"family": "A", "name": "standard"}, "enableRbacAuthorization": True}
    made.put(f"{GROUP}/providers/Microsoft.KeyVault/vaults/{VAULT}", {"location": "westeurope", "properties": vault})
    hub = {"location": "westeurope", "sku": {"name": "S1", "capacity": 1}, "properties": {}}
    made.put(f"{GROUP}/providers/Microsoft.Devices/IotHubs/{HUB}", hub)
    scope = f"/subscriptions/{SUBSCRIPTION_ID}"
    role = BUILT_IN_ROLES["IoT Hub Data Contributor"]
    definition = f"{scope}/providers/Microsoft.Authorization/roleDefinitions/{role}"
    made.put(
        f"{scope}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}",
        {"properties": {"roleDefinitionId": definition, "principalId": DEPLOYER_OBJECT_ID}},
    )
    made.key = base64.b64encode(secrets.token_bytes(32)).decode()
    made.hub("PUT", f"/devices/{DEVICE}", _identity(made.key))
    made.hub("PATCH", f"/twins/{DEVICE}", {"tags": {"edgewayHost": "vm"}})
    made.write_key(made.key)


def _identity(key: str) -> dict[str, Any]:
    keys = {"primaryKey": key, "secondaryKey": base64.b64encode(secrets.token_bytes(32)).decode()}
    return {
        "deviceId": DEVICE,
        "status": "enabled",
        "capabilities": {"iotEdge": True},
        "authentication": {"type": "sas", "symmetricKey": keys},
    }


@contextmanager
def _pointed(running: RunningStandin) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in running.environment.items():
            patch.setenv(name, value)
        yield


@contextmanager
def _listening(answers: list[str]) -> Iterator[None]:
    class Heard(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            answers.append(record.getMessage())

    heard, log = Heard(), logging.getLogger("standin.http")
    log.addHandler(heard)
    log.setLevel(logging.INFO)
    yield
    log.removeHandler(heard)
