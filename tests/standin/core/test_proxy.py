"""The CONNECT proxy's allow-list and the certificates behind it."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from standin.core.part import Part
from tests.standin.running import RunningStandin, running_standin
from tests.waiting import DEADLINE_S

SERVED = ("blob", "keyvault", "machinelearning", "machinelearning.online", "iothub")


@dataclass(frozen=True)
class Tunnelled:
    """A stand-in whose proxy leads names below .azurecontainer.io where the test says."""

    standin: RunningStandin
    targets: dict[str, tuple[str, int]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def tunnelled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tunnelled]:
    targets: dict[str, tuple[str, int]] = {}
    own = Part(name="test", tunnels={".azurecontainer.io": targets.get})
    with running_standin(tmp_path_factory.mktemp("standin"), services=SERVED, more=[own]) as running:
        yield Tunnelled(running, targets)


@pytest.fixture
def azure(tunnelled: Tunnelled) -> RunningStandin:
    return tunnelled.standin


def connect(azure: RunningStandin, authority: str) -> tuple[socket.socket, str]:
    """A CONNECT through the proxy: the connection and the status line of its answer."""
    connection = socket.create_connection(("127.0.0.1", azure.base.ports.proxy), timeout=DEADLINE_S)
    connection.sendall(f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n".encode())
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(1)
        assert piece, head
        head += piece
    return connection, head.split(b"\r\n")[0].decode()


@pytest.mark.parametrize(
    "host",
    [
        "management.azure.com",
        "login.microsoftonline.com",
        "hub-1.azure-devices.net",
        "account.blob.core.windows.net",
        "ihsu-1.servicebus.windows.net",
        "kv-1.vault.azure.net",
        "westeurope.api.azureml.ms",
        "ep.westeurope.inference.ml.azure.com",
        "standin.edgeway.internal",
    ],
)
def test_azures_names_get_a_certificate_of_their_own(azure: RunningStandin, host: str) -> None:
    connection, status = connect(azure, f"{host}:443")
    assert status == "HTTP/1.1 200 Connection established"
    context = ssl.create_default_context(cafile=azure.environment["SSL_CERT_FILE"])
    with context.wrap_socket(connection, server_hostname=host) as secured:
        assert (secured.getpeercert() or {})["subjectAltName"] == (("DNS", host),)


@pytest.mark.parametrize(
    "authority",
    [
        "pypi.org:443",
        "management.azure.com:80",
        "azure-devices.net:443",
        "evil-management.azure.com.example:443",
        "127.0.0.1:22",
        "registry.azurecr.io:443",
        "management.azure.com",
    ],
)
def test_everything_else_is_refused(azure: RunningStandin, authority: str) -> None:
    connection, status = connect(azure, authority)
    connection.close()
    assert status == "HTTP/1.1 403 Forbidden"


def test_only_connect_is_understood(azure: RunningStandin) -> None:
    with socket.create_connection(("127.0.0.1", azure.base.ports.proxy), timeout=DEADLINE_S) as connection:
        connection.sendall(b"GET http://management.azure.com/ HTTP/1.1\r\nHost: management.azure.com\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 403")


def test_a_tunnel_leads_where_its_resolver_says(tunnelled: Tunnelled) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def echo() -> None:
            accepted, _ = server.accept()
            with accepted:
                accepted.sendall(accepted.recv(10).upper())

        threading.Thread(target=echo, daemon=True).start()
        tunnelled.targets["scorer.westeurope.azurecontainer.io"] = ("127.0.0.1", port)
        connection, status = connect(tunnelled.standin, "scorer.westeurope.azurecontainer.io:443")
        with connection:
            assert status.startswith("HTTP/1.1 200")
            connection.sendall(b"hello")
            assert connection.recv(10) == b"HELLO"
        connection, status = connect(tunnelled.standin, "other.westeurope.azurecontainer.io:443")
        connection.close()
        assert status.startswith("HTTP/1.1 403")


def test_a_tunnel_to_something_dead_says_so(tunnelled: Tunnelled) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    tunnelled.targets["dead.westeurope.azurecontainer.io"] = ("127.0.0.1", port)
    connection, status = connect(tunnelled.standin, "dead.westeurope.azurecontainer.io:443")
    connection.close()
    assert status == "HTTP/1.1 502 Bad Gateway"
