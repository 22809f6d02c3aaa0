"""The data command that all models share: what it downloads, and what it refuses."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from models.source import DataError, Source, fetch, run

CONTENT = b"a,b\n1,2\n"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def read(content: bytes, where: str) -> bytes:
    if not content.startswith(b"a,b"):
        raise DataError(f"{where}: no columns a, b")
    return content.upper()


SOURCE = Source(
    model="tiny",
    make=lambda seed, rows: f"a,b\n{seed},{rows}\n".encode(),
    read=read,
    rows=5,
    fewest_rows=2,
    maximum_bytes=len(CONTENT),
)


@pytest.fixture
def url() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(CONTENT if self.path == "/data.csv" else CONTENT + b"more")

        def log_message(self, format: str, *args: object) -> None:
            del format, args

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/data.csv"
        server.shutdown()
        thread.join()


def test_what_is_made_fetched_or_given_is_written_and_its_hash_printed(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = tmp_path / "given.csv"
    given.write_bytes(CONTENT)
    for options, expected in (
        (["--seed", "3"], b"a,b\n3,5\n"),
        (["--csv", str(given)], CONTENT.upper()),
        (["--url", url, "--sha256", SHA256], CONTENT.upper()),
    ):
        assert run(SOURCE, ["--out", str(tmp_path / "out"), *options]) == 0
        assert [path.name for path in (tmp_path / "out").iterdir()] == ["data.csv"]
        assert (tmp_path / "out" / "data.csv").read_bytes() == expected
        assert capsys.readouterr().out.strip() == hashlib.sha256(expected).hexdigest()


def test_a_file_that_the_model_refuses_is_not_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "wrong.csv").write_bytes(b"c\n")
    assert run(SOURCE, ["--out", str(tmp_path / "out"), "--csv", str(tmp_path / "wrong.csv")]) == 1
    assert capsys.readouterr().err == f"error: {tmp_path / 'wrong.csv'}: no columns a, b\n"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--rows", "1"], "--rows is 1, must be at least 2"),
        (["--url", "https://example.com/data.csv"], "--url and --sha256 belong together"),
        (["--csv", "x", "--url", "y"], "not allowed with argument"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(
    options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        run(SOURCE, ["--out", "out", *options])
    assert message in capsys.readouterr().err


def test_a_download_is_taken_only_with_the_hash_that_was_asked_for(url: str) -> None:
    assert fetch(url, sha256=SHA256.upper(), maximum_bytes=100) == CONTENT
    with pytest.raises(DataError, match=f"has sha256 {SHA256}, expected {'0' * 64}"):
        fetch(url, sha256="0" * 64, maximum_bytes=100)


def test_a_download_that_is_too_large_is_refused(url: str) -> None:
    with pytest.raises(DataError, match=f"is larger than {len(CONTENT)} bytes"):
        fetch(f"{url}?large", sha256=SHA256, maximum_bytes=len(CONTENT))


def test_what_cannot_be_fetched_is_named(url: str) -> None:
    nowhere = "https://nowhere.invalid/data.csv"
    with pytest.raises(DataError, match=f"^{nowhere} cannot be fetched: "):
        fetch(nowhere, sha256=SHA256, maximum_bytes=100)
    with pytest.raises(DataError, match=r"cannot be fetched: URL can't contain control characters"):
        fetch(f"{url}/a b", sha256=SHA256, maximum_bytes=100)


def test_a_model_that_takes_one_row_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run(replace(SOURCE, fewest_rows=1, most_rows=1), ["--out", "out", "--rows", "0"])
    assert "--rows is 0, must be 1\n" in capsys.readouterr().err


def test_a_url_of_another_kind_is_refused() -> None:
    with pytest.raises(DataError, match="must start with https://"):
        fetch("file:///etc/passwd", sha256="0" * 64, maximum_bytes=100)
