from __future__ import annotations

import http.server
import json
import threading
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from cli.__main__ import main
from cli.commands import leftovers
from cli.errors import Refused


def test_leftovers_lists_what_is_left(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    alive: dict[str, Any] = {"groups": [], "resources": ["/x/1"], "services": {"hubs": ["edge-01"], "runs": []}}
    monkeypatch.setattr(leftovers, "ask", lambda what: alive if what == "resources" else {"instance": "i"})
    monkeypatch.setattr(leftovers, "in_docker", lambda instance: {"containers": []})
    assert main(["leftovers"]) == 1
    captured = capsys.readouterr()
    assert captured.out.splitlines() == ["resources  /x/1", "services hubs  edge-01"]
    assert captured.err == "edgeway: left behind: 1 of resources, 1 of services hubs\n"
    alive.update(resources=[], services={})
    for images, told in (
        (0, []),
        (9, ["9 images kept for the next `make up`, of other clones too; `make clean` removes this clone's"]),
    ):
        monkeypatch.setattr(leftovers, "images_kept", lambda count=images: count)
        assert main(["leftovers"]) == 0
        assert capsys.readouterr().out.splitlines()[1:] == told


def test_what_others_made_in_the_same_standin_is_no_leftover_of_the_stack(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    groups = "/subscriptions/s/resourceGroups"
    own = leftovers.own_group("s")
    vault = f"{groups}/rg-theirs/providers/Microsoft.KeyVault/vaults/kv-theirs"
    alive: dict[str, Any] = {"groups": [], "resources": [], "deleted": [vault]}
    monkeypatch.setattr(
        leftovers, "ask", lambda what: alive if what == "resources" else {"instance": "i", "subscriptionId": "s"}
    )
    monkeypatch.setattr(leftovers, "in_docker", lambda instance: {})
    monkeypatch.setattr(leftovers, "images_kept", lambda: 0)
    assert main(["leftovers"]) == 0
    assert "not of this stack, and left alone:" in (told := capsys.readouterr().out)
    assert "kv-theirs" in told.replace("\n", "")
    alive["deleted"] = [vault, f"{own}/providers/Microsoft.KeyVault/vaults/kv-own"]
    alive["groups"] = [own, f"{own}-2"]
    assert main(["leftovers"]) == 1
    assert capsys.readouterr().err == "edgeway: left behind: 1 of deleted, 1 of groups\n"


def test_without_a_standin_leftovers_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EDGEWAY_STANDIN_STATE", str(tmp_path))
    with pytest.raises(Refused, match="the stand-in does not run"):
        leftovers.ask("health")
    # it ran once: its ports are known, and nobody listens there
    (tmp_path / "ports.json").write_text('{"plain": 1}')
    with pytest.raises(Refused, match="the stand-in does not run: `make up` starts it"):
        leftovers.ask("health")


def test_this_machine_is_asked_past_the_proxy_of_its_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Surface(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(self.path).encode())

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Surface) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        (tmp_path / "ports.json").write_text(json.dumps({"plain": server.server_port}))
        monkeypatch.setenv("EDGEWAY_STANDIN_STATE", str(tmp_path))
        monkeypatch.setattr(urllib.request, "_opener", None)  # which keeps the proxies of its first use
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)

        assert leftovers.ask("health") == "/_standin/health"
