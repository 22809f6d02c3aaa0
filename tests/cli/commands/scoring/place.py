"""A place that serves two golden examples, for the commands that ask one, and a stack that has deployed it."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cli.scoring import cards, verified_place
from cli.stack.outputs import Outputs
from clone.layout import Clone
from contracts.card import Golden
from tests.cli.conftest import VALUES

GOLDEN = (
    Golden(name="cold", input={"t": 1}, output={"t": 1, "hot": False, "p": 0.25}),
    Golden(name="hot", input={"t": 90}, output={"t": 90, "hot": True, "p": 0.75}),
)

Reply = Callable[[Any], tuple[Any, ...]]
"""A request -> status and answer, and headers where there are some."""


def right(request: Any) -> tuple[int, Any]:
    return 200, {"t": request["t"], "hot": request["t"] > 50, "p": 0.75 if request["t"] > 50 else 0.25 + 1e-8}


@contextmanager
def served(reply: Reply) -> Iterator[tuple[str, list[str | None]]]:
    keys: list[str | None] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            keys.append(self.headers["Authorization"])
            assert self.path == "/score"
            status, answer, *headers = reply(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            for name, value in (headers[0] if headers else {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", keys
        finally:
            server.shutdown()
            thread.join()


def with_stack(
    monkeypatch: pytest.MonkeyPatch, artifact: Path, root: Path, url: str, endpoint: str = "anomaly", **others: str
) -> str:
    """`root` is the clone that has the artifact; `url` is where the place is, `others` more of the outputs.
    Returns the artifact's digest."""
    digest = Clone(root).artifacts.add(artifact)
    values = {
        **VALUES,
        **others,
        "scoring": {endpoint: {**VALUES["scoring"]["anomaly"], "url": f"{url}/score"}},
        "scoringKeys": {endpoint: "the-key"},
        "models": {"anomaly": {"digest": digest}},
    }
    monkeypatch.setattr(cards, "Clone", lambda: Clone(root))
    monkeypatch.setattr(verified_place, "outputs", lambda stack, secrets: Outputs(stack, values))
    return digest
