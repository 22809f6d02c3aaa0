"""Requests that make no sense, at every route of every service: an answer of 4xx, never a traceback."""

from __future__ import annotations

import http.client
import json
import logging
import random
import re
import socket
import ssl
from collections.abc import Iterator

import pytest

from standin.core.arm.versions import type_of, versions_of
from standin.core.auth import SUBSCRIPTION_ID
from tests.standin.malformed.odd_requests import HEADERS, METHODS, NAMES, QUERIES, body_for
from tests.standin.running import RunningStandin, running_standin
from tests.waiting import DEADLINE_S

pytestmark = pytest.mark.slow

GROUP = f"/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/rg-odd"
SERVICES = ("blob", "keyvault", "machinelearning", "machinelearning.online", "iothub", "containerinstance",
            "containerregistry")  # fmt: skip
ARM = "management.azure.com"


@pytest.fixture(scope="module")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStandin]:
    with running_standin(tmp_path_factory.mktemp("standin"), services=SERVICES) as running:
        yield running


class Caller:
    def __init__(self, standin: RunningStandin) -> None:
        self._port = standin.base.ports.plain
        self._tokens = {
            audience: standin.do(lambda base, audience=audience: base.issuer.issue(audience))  # type: ignore[misc]
            for audience in (
                "https://management.azure.com",
                "https://storage.azure.com",
                "https://vault.azure.net",
                "https://iothubs.azure.net",
                "https://graph.microsoft.com",
            )
        }

    def ask(self, method: str, host: str, target: str, body: bytes, *headers: str) -> int:
        """The status; 0 where the connection ended without one."""
        audience = {ARM: "https://management.azure.com", "graph.microsoft.com": "https://graph.microsoft.com"}.get(host)
        audience = audience or next((a for a in self._tokens if host.endswith(a.partition("//")[2][-12:])), "")
        if host.endswith(".blob.core.windows.net"):
            audience = "https://storage.azure.com"
        if host.endswith(".azure-devices.net"):
            audience = "https://iothubs.azure.net"
        head = [f"{method} {target} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(body)}", "Connection: close"]
        if audience and not any(header.startswith("Authorization") for header in headers):
            head.append(f"Authorization: Bearer {self._tokens[audience]}")
        with socket.create_connection(("127.0.0.1", self._port), DEADLINE_S) as connection:
            connection.sendall("\r\n".join([*head, *headers, "", ""]).encode("latin-1") + body)
            response = http.client.HTTPResponse(connection, method=method)
            try:
                response.begin()
                response.read()
            except (http.client.HTTPException, ConnectionError):
                return 0
            return response.status


def routes(standin: RunningStandin) -> list[tuple[str, str, str]]:
    """Method, host and pattern of each, with what is there in its place where a name is fixed."""
    found = []
    for part in standin.parts:
        hosts = part.service.hosts if part.service else ()
        for host in hosts:
            name = f"edgeway{host}" if host.startswith(".") else host
            found += [(route.method, name, route.pattern) for route in (part.service.routes if part.service else ())]
        found += [(route.method, ARM, route.pattern) for route in part.arm_routes]
        for kind in part.kinds:
            path = GROUP + "/providers/" + kind.type.split("/")[0]
            path += "".join(f"/{name}/{{name}}" for name in kind.type.split("/")[1:])
            found += [("*", ARM, path), ("*", ARM, f"{path}/{{more:path}}")]
    found += [("*", ARM, "/subscriptions/{s}/resourceGroups/{g}"), ("*", ARM, GROUP)]
    return found


def version_for(host: str, path: str) -> str:
    """The newest that the type has, of the hub its one."""
    known = versions_of(type_of(path)) if host == ARM else ["2021-04-12"]
    return f"api-version={known[-1]}&" if known else ""


def made(standin: RunningStandin) -> None:
    caller = Caller(standin)
    where = b'{"location": "westeurope"}'
    caller.ask("PUT", ARM, f"{GROUP}?api-version=2024-03-01", where)
    events = {"eventHubEndpoints": {"events": {"partitionCount": 2, "retentionTimeInDays": 1}}}
    bodies: dict[str, dict[str, object]] = {
        "Microsoft.Devices/IotHubs": {"sku": {"name": "S1", "capacity": 1}, "properties": events},
        "Microsoft.Storage/storageAccounts": {"sku": {"name": "Standard_LRS"}, "kind": "StorageV2", "properties": {}},
    }
    for type_, body in bodies.items():
        path = f"{GROUP}/providers/{type_}/edgeway"
        target = f"{path}?{version_for(ARM, path)}"
        assert caller.ask("PUT", ARM, target, json.dumps({"location": "westeurope", **body}).encode()) in (
            200,
            201,
            202,
        )


@pytest.mark.parametrize(
    ("seed", "requests"), [(1, 500), pytest.param(2, 20_000, marks=pytest.mark.long)], ids=["some", "many"]
)
def test_odd_requests_are_refused_and_nothing_raises(
    standin: RunningStandin, caplog: pytest.LogCaptureFixture, seed: int, requests: int
) -> None:
    made(standin)
    chance, caller, all_routes = random.Random(seed), Caller(standin), routes(standin)
    failed = []
    with caplog.at_level(logging.ERROR):
        for _ in range(requests):
            method, host, pattern = chance.choice(all_routes)
            method = chance.choice(METHODS) if method == "*" or chance.random() < 0.2 else method
            path = re.sub(r"\{\w+(:path)?\}", lambda _: chance.choice(NAMES), pattern)
            version = version_for(host, path) if chance.random() < 0.9 else chance.choice(["api-version=%C2%B2&", ""])
            headers = chance.sample(HEADERS, 2) if chance.random() < 0.3 else []
            target = f"{path}?{version}{chance.choice(QUERIES) if chance.random() < 0.5 else ''}"
            body = b"" if method in ("GET", "HEAD") else body_for(chance, path)
            if caller.ask(method, host, target, body, *headers) in (0, 500):
                failed.append((method, host, target[:200], body[:60], headers))

    assert failed == []
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize(
    "head",
    [
        b"CONNECT management.azure.com:\xb2 HTTP/1.1\r\n\r\n",
        b"CONNECT management.azure.com:" + b"9" * 5000 + b" HTTP/1.1\r\n\r\n",
        b"CONNECT management.azure.com:-443 HTTP/1.1\r\n\r\n",
        b"CONNECT [::1]:443 HTTP/1.1\r\n\r\n",
        b"CONNECT " + b"a" * 10_000 + b".azurecontainer.io:443 HTTP/1.1\r\n\r\n",
        b"CONNECT \xff\x00.azurecontainer.io:443 HTTP/1.1\r\n\r\n",
        b"CONNECT\r\n\r\n",
        b"\r\n\r\n",
        b"\x16\x03\x01" + bytes(200) + b"\r\n\r\n",
        b"GET http://127.0.0.1:1/ HTTP/1.1\r\n\r\n",
    ],
)
def test_a_connect_that_makes_no_sense_is_refused(
    standin: RunningStandin, caplog: pytest.LogCaptureFixture, head: bytes
) -> None:
    with (
        caplog.at_level(logging.ERROR),
        socket.create_connection(("127.0.0.1", standin.base.ports.proxy), DEADLINE_S) as connection,
    ):
        connection.sendall(head)
        assert connection.recv(100).startswith(b"HTTP/1.1 403 ")
    assert not caplog.records


@pytest.mark.parametrize("name", ["-", "xn--a", "1.2.3.4", "a_b", "*"])
def test_a_tls_name_that_makes_no_sense_ends_its_connection_alone(
    standin: RunningStandin, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with caplog.at_level(logging.ERROR):
        for asked in (name, ARM):
            with socket.create_connection(("127.0.0.1", standin.base.ports.tls), DEADLINE_S) as connection:
                try:
                    context.wrap_socket(connection, server_hostname=asked).close()
                except (ssl.SSLError, ValueError, UnicodeError):
                    assert asked != ARM
    assert not caplog.records
