"""A place that everybody trusts is reached through the environment's proxy, one of the stack's own at its address."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import trustme

from cloud.own_ca.connection import Connection

HOST = "ep.westeurope.inference.ml.azure.com"
CA = trustme.CA()


class Proxy:
    """Takes CONNECT, and is then the host itself."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        CA.issue_cert(HOST).configure_cert(self._context)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            head = client.recv(4096).decode()
            self.asked.append(head.partition("\r\n")[0])
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            with self._context.wrap_socket(client, server_side=True) as secure:
                request = b""
                while not request.endswith(b"[]"):
                    request += secure.recv(4096)
                self.asked.append(request.decode())
                secure.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def through(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Proxy]:
    found = Proxy()
    for name in ("https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{found.port}")
    CA.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    yield found
    found.close()


def connection(**given: str | None) -> Connection:
    return Connection(HOST, 443, tls=True, timeout=5, **{"address": None, "ca_pem": None, **given})


def test_a_public_place_is_reached_through_the_proxy_with_the_bundle_that_the_environment_trusts(
    through: Proxy,
) -> None:
    with closing(connection()) as asking:
        asking.request("POST", "/score", body=b"[]", headers={"Authorization": "Bearer canary"})
        assert asking.getresponse().read() == b"ok"

    connect, request = through.asked
    assert connect.startswith(f"CONNECT {HOST}:443 HTTP/1.")
    assert "canary" not in connect
    assert request.startswith("POST /score HTTP/1.1\r\n") and f"Host: {HOST}" in request


@pytest.mark.parametrize("given", [{"address": "127.0.0.1"}, {"ca_pem": "ca"}])
def test_a_place_of_the_stacks_own_is_not(through: Proxy, given: dict[str, str]) -> None:
    asking = connection(**given)

    assert (asking.host, asking.port) == (HOST, 443)


def test_a_host_that_no_proxy_names_is_not(through: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", ".azure.com")

    assert connection().host == HOST
