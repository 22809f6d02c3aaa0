"""The metadata service and the host: each machine through its own door, and nobody else."""

from __future__ import annotations

import json
import os
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from standin.core.faults import Fault
from standin.machines.guest.place import _OverSocket
from standin.machines.running.docker_machines import DockerMachines
from tests.standin.machines.world import HOST, IDENTITY, World, world

pytestmark = pytest.mark.served

TOKEN = "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net"
OTHER = IDENTITY.replace("id-vm", "id-other")
METADATA = "169.254.169.254"
SERVICES = ("keyvault", "iothub", "machines", "machines.metadata", "machines.host")


class Door:
    """As `fabric.py` leads to it."""

    def __init__(self, world: World, vm_id: str, identities: tuple[str, ...]) -> None:
        machines: DockerMachines = world.machines
        self.world, self.vm_id = world, vm_id
        world.standin.do(lambda _: machines._records.begin(world.spec(vm_id, identities=identities)))
        world.standin.wait_for(machines._doors.open(vm_id))
        self.folder = machines._doors.folder(vm_id)

    def ask(self, path: str, host: str = METADATA, method: str = "GET", **headers: str) -> tuple[int, Any]:
        connection = _OverSocket("")
        connection.sock = self._connected("plain")
        connection.request(method, path, headers={"Host": host, **headers})
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else {}

    def _connected(self, name: str) -> socket.socket:
        found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        descriptor = os.open(self.folder, os.O_RDONLY)
        found.connect(f"/proc/self/fd/{descriptor}/{name}.sock")
        os.close(descriptor)
        return found

    def over_tls(self, host: str) -> str:
        """The subject that the server shows for a name."""
        context = ssl.create_default_context(cafile=str(self.world.standin.base.authority.ca_pem))
        with context.wrap_socket(self._connected("tls"), server_hostname=host) as secure:
            return str(secure.version())


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("world") / ("long" * 20), None, services=SERVICES) as made:
        made.put(OTHER, {"location": "westeurope"})
        yield made


@pytest.fixture(scope="module")
def door(there: World) -> Door:
    return Door(there, "vm-1", (IDENTITY,))


def test_a_machine_gets_a_token_of_its_identity_and_with_it_what_that_may_see(there: World, door: Door) -> None:
    status, body = door.ask(f"{TOKEN}&client_id={there.client}", Metadata="true")
    assert (status, body["client_id"], body["token_type"]) == (200, there.client, "Bearer")
    assert body["resource"] == "https://vault.azure.net" and int(body["expires_in"]) == 3600
    principal = there.standin.do(lambda base: base.issuer.read(body["access_token"]))
    assert principal is not None and (principal.object_id, principal.kind) == (there.principal, "ManagedIdentity")


def test_one_identity_needs_no_name_and_several_do(there: World, door: Door) -> None:
    assert door.ask(TOKEN, Metadata="true")[0] == 200
    there.standin.wait_for(there.machines.assign(door.vm_id, (IDENTITY, OTHER)))
    status, body = door.ask(TOKEN, Metadata="true")
    assert status == 400 and "Multiple user assigned identities exist" in body["error_description"]
    assert door.ask(f"{TOKEN}&msi_res_id={OTHER}", Metadata="true")[0] == 200
    there.standin.wait_for(there.machines.assign(door.vm_id, (IDENTITY,)))


def test_an_identity_that_is_not_the_machines_is_not_found(there: World, door: Door) -> None:
    other = there.standin.arm("GET", OTHER).json()["properties"]["clientId"]
    status, body = door.ask(f"{TOKEN}&client_id={other}", Metadata="true")
    assert (status, body) == (400, {"error": "invalid_request", "error_description": "Identity not found"})


@pytest.mark.parametrize(
    ("path", "headers", "words"),
    [
        (TOKEN, {}, "Required metadata header not specified"),
        (TOKEN, {"Metadata": "true", "X-Forwarded-For": "10.0.0.1"}, "X-Forwarded-For"),
        (TOKEN.replace("2018-02-01", "2017-01-01"), {"Metadata": "true"}, "api-version is '2017-01-01'"),
        (TOKEN.partition("&")[0], {"Metadata": "true"}, "Required audience parameter not specified"),
    ],
)
def test_what_the_service_wants_is_wanted(door: Door, path: str, headers: dict[str, str], words: str) -> None:
    status, body = door.ask(path, **headers)
    assert status == 400 and words in body["error_description"]


@pytest.mark.parametrize("status", [404, 410, 429, 400, 500])
def test_it_fails_as_a_test_asks_for(there: World, door: Door, status: int) -> None:
    there.standin.do(lambda base: base.faults.planned.append(Fault(host=METADATA, status=status)))
    assert door.ask(TOKEN, Metadata="true")[0] == status
    assert door.ask(TOKEN, Metadata="true")[0] == 200


def test_nobody_else_has_such_an_address(there: World) -> None:
    ports = there.standin.base.ports
    for path in (TOKEN, "/machine/modules"):
        for host in (METADATA, "168.63.129.16"):
            answer = requests.get(
                f"http://127.0.0.1:{ports.plain}{path}", headers={"Host": host, "Metadata": "true"}, timeout=60
            )
            assert answer.status_code == 404, (host, path)


def test_the_control_surface_is_behind_no_door(door: Door) -> None:
    for host in ("standin.edgeway.internal", "127.0.0.1", "localhost", HOST):
        for method, path in (("GET", "/_standin/resources"), ("POST", "/_standin/reset"), ("GET", "/_standin/devices")):
            assert door.ask(path, host, method)[0] in (401, 404), (host, path)


def test_azures_names_are_served_over_tls_behind_the_door(door: Door) -> None:
    assert door.over_tls("kv-machines.vault.azure.net").startswith("TLSv1")


def test_a_daemon_without_the_devices_key_powers_nothing(there: World, door: Door) -> None:
    body = json.dumps({"hub": HOST, "device": "edge-01", "token": "SharedAccessSignature sr=x&sig=y&se=1"})
    connection = _OverSocket("")
    connection.sock = door._connected("plain")
    connection.request("PUT", "/machine/device", body, {"Host": "168.63.129.16"})
    assert connection.getresponse().status in (401, 404)
    assert door.ask("/machine/modules", "168.63.129.16") == (200, [])


def test_the_folder_of_a_door_is_its_owners_alone(there: World, door: Door) -> None:
    assert Path(door.folder).stat().st_mode & 0o077 == 0
