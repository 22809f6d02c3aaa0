"""Which processors an image is for, as its registry says: Debian's docker-registry, and registries that do not say."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from infra.provider.services.container_registry import ContainerRegistry
from infra.published import Unanswered, architectures
from tests.infra.provider.recorder import Recorder

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
Answers = Mapping[str, tuple[int, Mapping[str, str], bytes]]
"""By path."""


@contextmanager
def answering(answers: Callable[[str], Answers]) -> Iterator[str]:
    """A registry without TLS on a loopback address, as Docker allows it there; `answers` of its own address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            if path.startswith("/v2/") and "/v2/guarded/" in path and self.headers.get("Authorization") != "Bearer t":
                realm = f'Bearer realm="http://{address}/token",service="s",scope="x"'
                found: tuple[int, Mapping[str, str], bytes] = (401, {"WWW-Authenticate": realm}, b"")
            elif path == "/token" and query == "service=s&scope=repository%3Aguarded%3Apull":
                found = (200, {}, b'{"token": "t"}')
            else:
                found = answers(address).get(path, (404, {}, b""))
            status, headers, body = found
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    address = f"127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield address
    finally:
        server.shutdown()
        server.server_close()


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def index(*platforms: tuple[str, str]) -> bytes:
    manifests = [{"platform": {"os": system, "architecture": arch}} for system, arch in platforms]
    return json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests}).encode()


def asked(repository: str, content: bytes, more: Callable[[str], Answers] = lambda _: {}) -> frozenset[str]:
    digest = digest_of(content)
    path = f"/v2/{repository}/manifests/{digest}"
    with answering(lambda address: {path: (200, {}, content), **more(address)}) as registry:
        return architectures(f"{registry}/{repository}@{digest}")


def test_an_index_names_those_of_linux_and_what_has_no_platform_is_no_image() -> None:
    found = asked("a", index(("linux", "amd64"), ("linux", "arm64"), ("windows", "arm"), ("unknown", "unknown")))
    assert found == {"amd64", "arm64"}


def test_of_a_single_image_its_configuration_tells() -> None:
    configuration = json.dumps({"architecture": "arm64", "os": "linux"}).encode()
    manifest = json.dumps({"mediaType": MANIFEST, "config": {"digest": digest_of(configuration)}}).encode()
    blob = f"/v2/a/b/blobs/{digest_of(configuration)}"
    assert asked("a/b", manifest, lambda _: {blob: (200, {}, configuration)}) == {"arm64"}
    # blobs may lie elsewhere
    moved = {blob: (307, {"Location": "/elsewhere"}, b""), "/elsewhere": (200, {}, configuration)}
    assert asked("a/b", manifest, lambda _: moved) == {"arm64"}


def test_a_registry_that_gives_everybody_a_token_is_asked_with_one() -> None:
    assert asked("guarded", index(("linux", "arm64"))) == {"arm64"}


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((404, {}, b""), "answers 404 to who has no credentials"),
        ((401, {"WWW-Authenticate": "Basic"}, b""), "answers 401 to who has no credentials"),
        ((200, {}, b"{}"), "has another digest"),
        ((200, {}, b"\\xff" * (4 * 1024 * 1024 + 1)), "more than 4194304 bytes"),
    ],
)
def test_what_a_registry_does_not_say_is_not_guessed(answer: tuple[int, dict[str, str], bytes], told: str) -> None:
    digest = digest_of(b"what was pushed")
    with answering(lambda _: {f"/v2/a/manifests/{digest}": answer}) as registry, pytest.raises(Unanswered, match=told):
        architectures(f"{registry}/a@{digest}")


@pytest.mark.parametrize(
    "content", [b"[]", b"no JSON", b"{}", b'{"config": {}}', b'{"manifests": 1}', b'{"manifests": [1]}', b"\\xff"]
)
def test_what_is_no_image_is_told_as_such(content: bytes) -> None:
    with pytest.raises(Unanswered, match="answers what is no image"):
        asked("a", content)


def test_who_does_not_answer_is_told() -> None:
    with answering(lambda _: {}) as registry:
        pass
    with pytest.raises(Unanswered, match=f"{registry} does not answer"):
        architectures(f"{registry}/a@{digest_of(b'')}")


@pytest.mark.slow
def test_a_real_registry_is_understood(registry: str) -> None:
    calls = ContainerRegistry(Recorder(), registry)
    calls.annotate("edgeway/thing", "it", {})
    digest: Any = calls.digest("edgeway/thing", "it")
    # its configuration is `{}`: no image
    with pytest.raises(Unanswered, match="answers what is no image"):
        architectures(f"{registry}/edgeway/thing@{digest}")
