"""What `edgeway doctor` says of a stack's IoT Edge version."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from cli.needs.edge_runtime import REPOSITORIES, edge_runtime, tags

TAGS = ["1.5", "1.5.40", "1.6", "1.6.1", "1.6.1-linux-amd64", "1.6.10", "1.6.9", "latest"]


def test_a_newer_patch_of_the_line_is_named_and_nothing_is_missing() -> None:
    need = edge_runtime("1.6.1", lambda name: TAGS)
    assert (need.ok, need.found) == (True, "1.6.1; 1.6.10 is out: edgeway:edgeRuntime takes it")
    assert edge_runtime("1.5.40", lambda name: TAGS).found == "1.5.40"


def test_a_version_that_agent_or_hub_lacks_is_missing() -> None:
    need = edge_runtime("1.6.10", lambda name: TAGS if name == REPOSITORIES[0] else ["1.6.1"])
    assert (need.ok, need.found) == (False, "1.6.10 is not published; the newest is 1.6.1")


def test_a_registry_that_is_not_reached_is_said_and_is_no_need() -> None:
    def unreached(name: str) -> list[str]:
        raise OSError("no such host")

    need = edge_runtime("1.6.1", unreached)
    assert need.ok and "mcr.microsoft.com does not answer here (no such host)" in need.found


class _Registry(BaseHTTPRequestHandler):
    """Of one repository, as the distribution specification has its list of tags."""

    def do_GET(self) -> None:
        known = self.path == f"/v2/{REPOSITORIES[0]}/tags/list"
        self.send_response(200 if known else 404)
        self.end_headers()
        self.wfile.write(json.dumps({"name": REPOSITORIES[0], "tags": TAGS} if known else {"errors": []}).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Registry) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_the_list_of_tags_is_read_from_the_registry(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert tags(address, REPOSITORIES[0]) == TAGS
    need = edge_runtime("1.6.1", lambda name: tags(address, name))
    assert "does not answer here (HTTP Error 404" in need.found
