"""`rtsps`: a camera whose certificate is not accepted is sent nothing. The camera here ends after its first request."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from images.image_capture.settings import read_settings
from images.image_capture.source import Source, SourceFailed


@contextmanager
def camera(certificate: trustme.LeafCert) -> Iterator[tuple[int, list[bytes]]]:
    """Its port, and what it was asked over TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    asked: list[bytes] = []

    def serve() -> None:
        while True:
            try:
                plain, _ = listening.accept()
            except OSError:
                return
            try:
                with plain, context.wrap_socket(plain, server_side=True) as over_tls:
                    asked.append(over_tls.recv(4096))
            except OSError:
                continue

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1], asked
        listening.shutdown(socket.SHUT_RDWR)
    thread.join()


def refused(port: int, tmp_path: Path, *, host: str = "localhost", ca_file: Path | None = None) -> str:
    (tmp_path / "camera").write_text("admin:hunter2")
    environ = {"VIDEO_PATH": f"rtsps://{host}:{port}/live", "CAMERA_CREDENTIALS": str(tmp_path / "camera")}
    read = Source(read_settings(environ | ({} if ca_file is None else {"CAMERA_CA": str(ca_file)})))
    with pytest.raises(SourceFailed) as failed:
        next(read.frames())
    return str(failed.value)


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return tmp_path / "ca.pem"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_camera_of_the_ca_that_is_named_is_asked(
    authority: trustme.CA, ca_file: Path, tmp_path: Path, host: str
) -> None:
    with camera(authority.issue_cert("localhost")) as (port, asked):
        said = refused(port, tmp_path, host=host, ca_file=ca_file)
    assert asked[0].startswith(f"OPTIONS rtsps://{host}:{port}/live RTSP/1.0".encode())
    assert said.endswith("cannot be opened: nobody is there, or another user or path is wanted")


def test_a_camera_of_nobodys_ca_is_asked_nothing_and_the_log_says_what_would_help(
    authority: trustme.CA, tmp_path: Path
) -> None:
    with camera(authority.issue_cert("localhost")) as (port, asked):
        said = refused(port, tmp_path)
    assert asked == [b""] or asked == []
    assert said.startswith(f"rtsps://***@localhost:{port} cannot be opened: its certificate is not accepted (")
    assert said.endswith(
        "allowed is one of /etc/ssl/certs/ca-certificates.crt, which CAMERA_CA (caFile of the layer) names"
    )


def test_a_camera_of_another_name_is_asked_nothing(authority: trustme.CA, ca_file: Path, tmp_path: Path) -> None:
    with camera(authority.issue_cert("another.invalid")) as (port, asked):
        said = refused(port, tmp_path, ca_file=ca_file)
    assert asked == []
    assert "its certificate is not accepted (Hostname mismatch" in said


def test_a_file_that_holds_no_certificates_is_named(authority: trustme.CA, tmp_path: Path) -> None:
    (tmp_path / "none.pem").write_text("no certificate")
    with camera(authority.issue_cert("localhost")) as (port, asked):
        for file in (tmp_path / "none.pem", tmp_path / "absent.pem"):
            assert refused(port, tmp_path, ca_file=file) == f"{file} cannot be read as certificates in PEM (CAMERA_CA)"
    assert asked == []
