from __future__ import annotations

import http.server
import io
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

from cli.__main__ import main
from cli.commands.scoring import invoke
from cli.errors import Failed, Refused, Unreached
from cli.scoring.client import score
from cli.scoring.endpoint import endpoint_at, stack_endpoint
from cli.scoring.files import body_of_files
from cli.stack.outputs import Outputs
from contracts.card import JSON_MEDIA_TYPE, Body
from contracts.form import Part, form
from infra.provider.types.certificate import CertificateInputs, issue

NAME = "edgeway-test.westeurope.azurecontainer.io"


class _Handler(http.server.BaseHTTPRequestHandler):
    keys: list[str | None]

    def do_POST(self) -> None:
        self.keys.append(self.headers["Authorization"])
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status, answer = self.answer(body)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def answer(self, body: bytes) -> tuple[int, Any]:
        try:
            return 200, {**json.loads(body), "anomaly": True}
        except ValueError:
            return 400, {"error": {"code": "BadJson", "message": "the body is no JSON", "path": "machine"}}

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


@contextmanager
def _server(certificate: dict[str, Any] | None, folder: Path) -> Iterator[tuple[int, list[str | None]]]:
    keys: list[str | None] = []
    handler = type("Handler", (_Handler,), {"keys": keys})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if certificate:
        (folder / "chain.pem").write_text(certificate["certificatePem"] + certificate["privateKeyPem"])
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "chain.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server.server_address[1], keys
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def certificate() -> dict[str, Any]:
    return issue(CertificateInputs(common_name=NAME, dns_names=[NAME], validity_days=30))


def test_a_row_is_scored_over_tls_checked_against_the_stacks_own_ca(
    tmp_path: Path, certificate: dict[str, Any]
) -> None:
    with _server(certificate, tmp_path) as (port, keys):
        endpoint = endpoint_at(f"https://{NAME}:{port}/score", "127.0.0.1", certificate["caPem"])
        answer = score(endpoint, "the-key", Body(JSON_MEDIA_TYPE, b'{"a": 1}'), 10)
    assert json.loads(answer.body) == {"a": 1, "anomaly": True}
    assert keys == ["Bearer the-key"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_no_key_is_sent_to_a_server_without_the_right_certificate(tmp_path: Path, certificate: dict[str, Any]) -> None:
    other = issue(CertificateInputs(common_name=NAME, dns_names=[NAME], validity_days=30))
    with _server(certificate, tmp_path) as (port, keys):
        endpoint = endpoint_at(f"https://{NAME}:{port}/score", "127.0.0.1", other["caPem"])
        with pytest.raises(Failed, match=r"has no certificate of the stack's CA .* no key was sent"):
            score(endpoint, "the-key", Body(JSON_MEDIA_TYPE, b"{}"), 10)
    assert keys == []


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/score", "http://score.example/score", "http://127.0.0.1.evil.example"]
)
def test_a_key_is_never_sent_over_plain_http_to_another_machine(url: str) -> None:
    with pytest.raises(Refused, match="is plain HTTP: a key is sent only over https"):
        endpoint_at(url, None, None)


def test_the_stacks_address_and_certificate_are_those_of_its_own_host_alone() -> None:
    scoring = {"url": "https://own.example/score", "ip": "127.0.0.2", "caPem": "the stack's"}
    own = stack_endpoint(scoring, None)
    assert (own.host, own.address, own.ca_pem) == ("own.example", "127.0.0.2", "the stack's")
    assert stack_endpoint(scoring, "https://own.example:8443/score").address == "127.0.0.2"
    other = stack_endpoint(scoring, "https://other.example/score")
    assert (other.host, other.address, other.ca_pem) == ("other.example", None, None)
    assert stack_endpoint(scoring, "https://other.example/score", ca_pem="given").ca_pem == "given"


@pytest.mark.parametrize(
    "url",
    [
        *("ftp://x/score", "score", "https:///score", "https://[::1", "https://x:port/score", "https://x:70000/score"),
        *("https://x..y/score", f"https://{'x' * 64}/score", "https://x/ü"),
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(Refused, match="https://host/path is wanted"):
        endpoint_at(url, None, None)


def _invoke(monkeypatch: pytest.MonkeyPatch, outputs: Outputs, body: bytes, *options: str) -> int:
    monkeypatch.setattr(invoke, "outputs", lambda stack, secrets: outputs)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(body)))
    return main(["invoke", *options])


def test_plain_http_on_this_machine_is_allowed(
    tmp_path: Path, outputs: Outputs, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with _server(None, tmp_path) as (port, keys):
        url = f"http://127.0.0.1:{port}/score"
        assert _invoke(monkeypatch, outputs, b'{"a": 1}', "--json", "--url", url) == 0
    assert json.loads(capsys.readouterr().out) == {"a": 1, "anomaly": True}
    assert keys == ["Bearer the-key"]


def test_a_refusal_of_the_service_is_one_line_with_code_and_path(
    tmp_path: Path, outputs: Outputs, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with _server(None, tmp_path) as (port, _):
        assert _invoke(monkeypatch, outputs, b"no json", "--url", f"http://127.0.0.1:{port}/score") == 1
    expected = "edgeway: anomaly at 127.0.0.1 answered 400: BadJson: the body is no JSON (machine)\n"
    assert capsys.readouterr().err == expected


def test_a_service_that_does_not_answer_is_named() -> None:
    endpoint = endpoint_at("http://127.0.0.1:1/score", None, None)
    with pytest.raises(Unreached, match=r"127\.0\.0\.1:1 does not answer"):
        score(endpoint, "k", Body(JSON_MEDIA_TYPE, b"{}"), 2)


def test_a_missing_file_and_an_unknown_model_are_refused(
    outputs: Outputs, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _invoke(monkeypatch, outputs, b"", "/none.json") == 2
    assert "file '/none.json' cannot be read" in capsys.readouterr().err
    assert _invoke(monkeypatch, outputs, b"{}", "--model", "mnist") == 2
    assert "model 'mnist' is not served by the stack; there are: anomaly" in capsys.readouterr().err


def test_files_are_sent_as_what_their_suffix_says(tmp_path: Path) -> None:
    (tmp_path / "row.json").write_bytes(b"{}")
    (tmp_path / "cat.PNG").write_bytes(b"png")
    row, cat = str(tmp_path / "row.json"), str(tmp_path / "cat.PNG")
    assert body_of_files([row]) == Body("application/json", b"{}")
    assert body_of_files([cat]) == Body("image/png", b"png")
    several = body_of_files([cat, row])
    assert several == form(
        [
            Part(name="cat.PNG", filename="cat.PNG", body=Body("image/png", b"png")),
            Part(name="row.json", filename="row.json", body=Body("application/json", b"{}")),
        ]
    )
    assert body_of_files([cat], as_form=True).media_type.startswith("multipart/form-data; boundary=")
    with pytest.raises(Refused, match="- is given twice"):
        body_of_files(["-", "-"])
    with pytest.raises(Refused, match=r"file '/none\.png' cannot be read"):
        body_of_files([cat, "/none.png"])


def test_options_are_fields_of_the_form_beside_the_pictures(tmp_path: Path) -> None:
    cat = tmp_path / "cat.png"
    cat.write_bytes(b"\x89PNG --")
    body = body_of_files([str(cat)], options=[("threshold", ".5"), ("masks", "true")])
    head = f"Content-Type: {body.media_type}\r\n\r\n".encode()
    parts = [part for part in message_from_bytes(head + body.content).walk() if not part.is_multipart()]
    told = [(part.get_param("name", header="content-disposition"), part.get_filename()) for part in parts]
    assert told == [("cat.png", "cat.png"), ("threshold", None), ("masks", None)]
    assert [part.get_payload(decode=True) for part in parts] == [b"\x89PNG --", b".5", b"true"]


@pytest.mark.parametrize("option", ["threshold", "=1", "a b=1", "a=\r\nb"])
def test_an_option_without_a_name_or_over_several_lines_is_refused(
    option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["invoke", "cat.png", "--set", option])
    assert "is refused; NAME=VALUE is wanted, such as threshold=.5" in capsys.readouterr().err


def test_options_of_json_are_members_of_it(tmp_path: Path) -> None:
    row = tmp_path / "row.json"
    row.write_text("{}")
    with pytest.raises(Refused, match="options of JSON are members of it"):
        body_of_files([str(row)], options=[("threshold", ".5")])
