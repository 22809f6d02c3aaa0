"""Who may use the control surface: a write needs the token, a web page may nothing, and containers do not reach it."""

from __future__ import annotations

import base64
import http.client
import json
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from standin.control.access import ControlAccess
from standin.core.addresses import CONTROL_HOST
from standin.core.errors import Forbidden, ServiceError, Unauthorized
from standin.core.http import Request
from tests.standin.running import RunningStandin, running_standin
from tests.waiting import DEADLINE_S

ACCESS = ControlAccess("the token")
BASIC = base64.b64encode(b"anybody:the token").decode()


def refusal(method: str, **headers: str) -> type[ServiceError] | None:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        ACCESS.check(Request(method=method, host="localhost", path="/_standin/reset", headers=named))
    except ServiceError as error:
        return type(error)
    return None


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "get", "QUERY"])
def test_all_but_a_read_needs_the_token(method: str) -> None:
    assert refusal(method) is Unauthorized
    for wrong in ("Bearer", "Bearer ", "Bearer the", "Bearer the token2", "Basic !!", f"Digest {BASIC}", "the token"):
        assert refusal(method, authorization=wrong) is Unauthorized, wrong
    for right in ("Bearer the token", f"Basic {BASIC}", f"basic {BASIC}"):
        assert refusal(method, authorization=right) is None, right


def test_a_read_needs_none() -> None:
    assert refusal("GET") is refusal("HEAD") is None


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:24003"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
    ],
)
def test_no_web_page_gets_an_answer_whatever_it_knows(method: str, headers: dict[str, str]) -> None:
    assert refusal(method, authorization="Bearer the token", **headers) is Forbidden


def test_what_somebody_types_into_a_browser_is_answered() -> None:
    assert refusal("GET", sec_fetch_site="none") is None


def other_address() -> str:
    """Of this machine, no loopback one: it stands for the bridge that containers come by."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no address but loopback")
        return str(probe.getsockname()[0])


@pytest.fixture(scope="module")
def bridged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningStandin, str]]:
    bridge = other_address()
    with running_standin(tmp_path_factory.mktemp("standin"), services=(), bridge=bridge) as standin:
        yield standin, bridge


def tls(standin: RunningStandin, connection: socket.socket, name: str) -> socket.socket:
    context = ssl.create_default_context(cafile=str(standin.base.authority.ca_pem))
    context.check_hostname = False
    return context.wrap_socket(connection, server_hostname=name)


def proxied(standin: RunningStandin, address: str, authority: str) -> socket.socket:
    connection = socket.create_connection((address, standin.base.ports.proxy), DEADLINE_S)
    connection.sendall(f"CONNECT {authority} HTTP/1.1\r\n\r\n".encode())
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(1)
        assert piece
        head += piece
    if b" 200 " not in head:
        connection.close()
        raise ConnectionRefusedError(head)
    return connection


WAYS: dict[str, Callable[[RunningStandin, str], socket.socket]] = {
    "its name through the proxy": lambda s, at: tls(s, proxied(s, at, f"{CONTROL_HOST}:443"), CONTROL_HOST),
    "another name through the proxy": lambda s, at: tls(
        s, proxied(s, at, "management.azure.com:443"), "management.azure.com"
    ),
    "loopback through the proxy": lambda s, at: proxied(s, at, f"127.0.0.1:{s.base.ports.plain}"),
    "localhost through the proxy": lambda s, at: proxied(s, at, f"localhost:{s.base.ports.plain}"),
    "the TLS server": lambda s, at: tls(s, socket.create_connection((at, s.base.ports.tls), DEADLINE_S), CONTROL_HOST),
    "the plain server": lambda s, at: socket.create_connection((at, s.base.ports.plain), DEADLINE_S),
}


def asked(connection: socket.socket, method: str, host: str, token: str) -> int:
    client = http.client.HTTPConnection("unused")
    client.sock = connection
    body = json.dumps({}).encode()
    headers = {"Host": host, "Authorization": f"Bearer {token}", "X-Forwarded-For": "127.0.0.1"}
    client.request(method, "/_standin/resources" if method == "GET" else "/_standin/reset", body, headers)
    with client.getresponse() as answer:
        return answer.status


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("host", [CONTROL_HOST, "localhost", "127.0.0.1"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_container_does_not_reach_it_by_any_way_nor_name_nor_with_the_token(
    bridged: tuple[RunningStandin, str], way: str, host: str, method: str
) -> None:
    standin, bridge = bridged
    try:
        connection = WAYS[way](standin, bridge)
    except ConnectionRefusedError:
        return
    with connection:
        assert asked(connection, method, host, standin.control_token) in (401, 404)


def test_this_machine_reaches_it_with_the_token_only_and_by_its_names_only(
    bridged: tuple[RunningStandin, str],
) -> None:
    standin, _ = bridged

    def status(way: str, host: str, token: str) -> int:
        with WAYS[way](standin, "127.0.0.1") as connection:
            return asked(connection, "POST", host, token)

    for way in ("its name through the proxy", "the TLS server", "the plain server"):
        assert status(way, CONTROL_HOST, standin.control_token) == 200
        assert status(way, CONTROL_HOST, "guessed") == 401
        assert status(way, "rebound.evil.example", standin.control_token) == 404


def test_the_token_is_kept_and_is_its_owners_alone(tmp_path: Path) -> None:
    tokens = set()
    for _ in range(2):
        with running_standin(tmp_path, services=()) as standin:
            file = tmp_path / "control.token"
            assert file.stat().st_mode & 0o777 == 0o600
            assert file.read_text().strip() == standin.control_token
            tokens.add(standin.control_token)
    assert len(tokens) == 1
