"""Pictures by URL: what is asked, and what nobody reaches through us; over TLS to a server of the test's own."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

import msgspec
import pytest
import trustme
from msgspec import ValidationError

from edge.layers.people_detection import Settings
from models.remote_picture import MOST_BYTES, SECONDS, _secured, allowed_hosts, fetched, patience

HOST = "pictures.example.com"
PUBLIC = "93.184.215.14"
OK = b"HTTP/1.1 200 OK\r\ncontent-type: image/jpeg\r\ncontent-length: 4\r\n\r\nJPEG"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@contextmanager
def answering(authority: trustme.CA, answer: Callable[[ssl.SSLSocket], None]) -> Iterator[int]:
    """A server that takes one connection; its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(context)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        try:
            connection, _ = listener.accept()
            with context.wrap_socket(connection, server_side=True) as secured:
                secured.recv(65536)
                answer(secured)
        except OSError:
            pass  # the client has seen enough

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()
        thread.join(10)


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    client = ssl.create_default_context()
    authority.configure_trust(client)
    return client


def asked(authority: trustme.CA, answer: bytes | Callable[[ssl.SSLSocket], None], *, seconds: float = SECONDS) -> bytes:
    client = trusting(authority)
    send = answer if callable(answer) else (lambda secured: secured.sendall(answer))
    with answering(authority, send) as port:
        return fetched(
            f"https://{HOST}/a.jpg",
            (HOST,),
            seconds=seconds,
            resolve=lambda host, _: [PUBLIC],
            connect=lambda address, _, seconds: socket.create_connection(("127.0.0.1", port), timeout=seconds),
            context=client,
        )


def refused(*addresses: str, url: str = f"https://{HOST}/a.jpg", hosts: tuple[str, ...] = (HOST,)) -> str:
    def never(address: str, port: int, seconds: float) -> socket.socket:
        raise AssertionError(f"{address} was asked")

    with pytest.raises(ValidationError) as error:
        fetched(url, hosts, resolve=lambda host, port: addresses, connect=never)
    return str(error.value)


def test_a_picture_is_fetched_by_the_address_that_was_looked_at(authority: trustme.CA) -> None:
    assert asked(authority, OK) == b"JPEG"
    used: list[str] = []

    def connect(address: str, port: int, seconds: float) -> socket.socket:
        used.append(address)
        raise ConnectionRefusedError("closed")

    with pytest.raises(ValidationError, match="could not be asked: closed"):
        fetched(f"https://{HOST}/a.jpg", (HOST,), resolve=lambda host, port: [PUBLIC, "8.8.8.8"], connect=connect)
    assert used == [PUBLIC]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "192.0.2.1", "240.0.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:db8::1",
        "168.63.129.16", "192.88.99.1", "192.0.0.8", "fec0::1", "3fff::1", "5f00::1", "::8.8.8.8",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public_are_not_asked(address: str) -> None:
    assert "is at an address that is not public" in refused(address)
    # whoever answers for a name may answer with a good one first
    assert "is at an address that is not public" in refused(PUBLIC, address)
    assert address not in refused(address)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"http://{HOST}/a.jpg", "Expected a URL as https://host/path"),
        (f"https://user:secret@{HOST}/a.jpg", "without a user"),
        (f"https://{HOST}:8443/a.jpg", "at port 443"),
        (f"https://{HOST}:0/a.jpg", "at port 443"),
        (f"file://{HOST}/etc/passwd", "Expected a URL as https"),
        ("https://b.example.com/", "host 'b.example.com' is not allowed here, allowed are pictures.example.com"),
        (f"https://{HOST}.evil.com/", "is not allowed here"),
        ("https://127.0.0.1/a.jpg", "is not allowed here"),
        ("https://[::1]/a.jpg", "is not allowed here"),
        ("https://[broken/a.jpg", "no URL"),
        (f"https://{HOST}/a b.jpg", "printable ASCII"),
        (f"https://{HOST}/ü.jpg", "printable ASCII"),
        ("", "Expected a URL as https"),
    ],
)  # fmt: skip
def test_urls_that_are_not_asked(url: str, said: str) -> None:
    text = refused(PUBLIC, url=url)
    assert said in text and text.endswith("at `$.url`")
    assert "secret" not in text


def test_without_hosts_nothing_is_asked() -> None:
    assert "pictures by URL are off here" in refused(PUBLIC, hosts=())


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            b"HTTP/1.1 302 Found\r\nlocation: https://127.0.0.1/\r\ncontent-length: 0\r\n\r\n",
            "redirects are not followed",
        ),
        (b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", "answered 404"),
        (OK.replace(b"image/jpeg", b"text/html"), "sent text/html; wanted is a picture"),
        (OK.replace(b"length: 4", b"length: %d" % (MOST_BYTES + 1)), "bytes, allowed are 4194304"),
        (
            b"HTTP/1.1 200 OK\r\ncontent-type: image/png\r\n\r\n" + b"x" * (MOST_BYTES + 1),
            "has more than 4194304 bytes",
        ),
        (b"nonsense\r\n\r\n", "could not be asked"),
        (OK[:-2], "ended after 2 of 4 bytes"),
        (
            OK.replace(b"content-length: 4", b"transfer-encoding: chunked").replace(b"JPEG", b"-5\r\nJPEG\r\n"),
            "could not be asked",
        ),
    ],
)
def test_answers_that_are_not_taken(authority: trustme.CA, answer: bytes, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        asked(authority, answer)


def test_a_name_that_no_encoding_takes_is_refused_with_its_reason() -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise UnicodeError("label too long")

    with pytest.raises(ValidationError, match="could not be asked: label too long"):
        fetched(f"https://{HOST}/a.jpg", (HOST,), resolve=resolve)


def test_who_sends_slowly_is_left_after_the_time_as_a_whole(authority: trustme.CA) -> None:
    gone = threading.Event()

    def drip(secured: ssl.SSLSocket) -> None:
        try:
            while not gone.wait(0.05):
                secured.sendall(b"H")
        except OSError:
            gone.set()

    with pytest.raises(ValidationError, match=r"did not answer within 0\.6 s"):
        asked(authority, drip, seconds=0.6)
    gone.set()


def test_after_that_time_nothing_is_sent_any_more(authority: trustme.CA) -> None:
    with answering(authority, lambda secured: None) as port:
        sock = socket.create_connection(("127.0.0.1", port), timeout=10)
        with _secured(sock, HOST, monotonic() + 10, trusting(authority)) as secured:
            secured.until = monotonic()
            with pytest.raises(TimeoutError):
                secured.sendall(b"GET")


@pytest.mark.parametrize(
    ("timeout_ms", "seconds"), [("", 5), ("60000", 5), ("2000", 1.5), (" 7000 ", 5), ("1", 0.00075)]
)
def test_where_the_server_has_less_time_so_has_the_fetch(timeout_ms: str, seconds: float) -> None:
    assert patience(timeout_ms) == pytest.approx(seconds)


def test_a_time_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="SCORING_TIMEOUT_MS is '2s', allowed is a whole number"):
        patience("2s")


def test_a_certificate_of_somebody_else_is_not_trusted(authority: trustme.CA) -> None:
    client = trusting(trustme.CA())
    with (
        answering(authority, lambda secured: secured.sendall(OK)) as port,
        pytest.raises(ValidationError, match="certificate"),
    ):
        fetched(
            f"https://{HOST}/a.jpg",
            (HOST,),
            resolve=lambda host, _: [PUBLIC],
            connect=lambda address, _, seconds: socket.create_connection(("127.0.0.1", port), timeout=seconds),
            context=client,
        )


@pytest.mark.parametrize(
    "text",
    [
        "*", "*.example.com", "localhost", "10.0.0.1", "a b.example.com", "https://a.example.com", "::1",
        f"{'a' * 64}.example.com", f"a.{'b' * 64}", f"{'a.' * 126}bc",
    ],
)  # fmt: skip
def test_hosts_are_names_and_nothing_else(text: str) -> None:
    with pytest.raises(ValueError, match="is no name of a host"):
        allowed_hosts(text)
    with pytest.raises(ValidationError, match=r"urlHosts"):
        msgspec.convert({"urlHosts": [text]}, Settings)


@pytest.mark.parametrize("text", [HOST, f"{'a' * 63}.{'b' * 63}", f"{'a.' * 126}b", "a-1.example.c0m"])
def test_what_the_layer_takes_for_a_host_the_detector_takes(text: str) -> None:
    assert msgspec.convert({"urlHosts": [text]}, Settings).url_hosts == allowed_hosts(text) == (text,)
