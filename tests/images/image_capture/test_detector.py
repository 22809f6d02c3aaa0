"""A detector that means harm, or is broken: it holds nobody up, its words are not our log's, and it is asked again."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from images.image_capture.detector import MOST_BYTES, Detector
from images.image_capture.settings import Endpoint
from tests.images.image_capture.test_looking import Service, body, detector, until
from tests.waiting import DEADLINE_S


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()
    yield made
    made.close()


@contextlib.contextmanager
def listening(talk: Callable[[socket.socket], None]) -> Iterator[Endpoint]:
    """Talks in a thread to each who connects, until he has gone."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    threading.Thread(target=talks, args=server.accept()[:1], daemon=True).start()

        def talks(client: socket.socket) -> None:
            with client, contextlib.suppress(OSError):
                client.recv(65536)
                talk(client)

        threading.Thread(target=accept, daemon=True).start()
        yield Endpoint(host="127.0.0.1", port=server.getsockname()[1], target="/image")


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n"


@pytest.mark.parametrize(
    ("first", "again"),
    [(HEAD, b" "), (b"HTTP/1.1 200 OK\r\nX: ", b"a"), (b"", b"HTTP/1.1 100 Continue\r\n\r\n"), (b"", b"")],
)
def test_an_answer_that_comes_piece_by_piece_without_an_end_is_none(
    first: bytes, again: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    gone = threading.Event()

    def drips(client: socket.socket) -> None:
        client.sendall(first)
        while not gone.wait(0.02):
            client.sendall(again)

    with listening(drips) as endpoint:
        assert Detector(endpoint, seconds=0.3, pause_seconds=60).ask(b"a picture") is None
        gone.set()
    (record,) = caplog.records
    assert "no whole answer within 0.3 s" in record.getMessage()


def test_while_a_detector_that_failed_hangs_pictures_do_not_wait_for_it() -> None:
    asked, answers = list[str](), threading.Event()

    def hangs(client: socket.socket) -> None:
        asked.append("once more")
        if len(asked) > 1 and answers.wait(DEADLINE_S):
            content = body("person")
            client.sendall(HEAD.replace(b"2000", b"%d\r\nConnection: close" % len(content)) + content)

    with listening(hangs) as endpoint:
        hanging = Detector(endpoint, seconds=3600, beside_seconds=0, pause_seconds=0)
        until(lambda: hanging.ask(b"x") is None and len(asked) == 2)
        assert [hanging.ask(b"x") for _ in range(100)] == [None] * 100
        assert len(asked) == 2
        answers.set()
        until(lambda: hanging.ask(b"x") is not None)


def test_a_readiness_too_long_to_be_read_does_not_stand_for_answers(service: Service) -> None:
    service.ready = (200, b"x" * (MOST_BYTES + 40_000))
    asked = detector(service)
    assert [answer.body for _ in range(3) if (answer := asked.ask(b"x")) is not None] == [body("person")] * 3
    assert [path for path, _ in service.got] == ["/ready", "/image", "/image", "/image"]
    asked.close()


def test_each_kind_of_trouble_is_said_once_and_on_one_line_whatever_the_detector_writes(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    asked = detector(service)
    for number in range(6):
        service.answer = (500 + number % 2, b"oops\n2026-11-29 00:00:00,000 ERROR forged\x1b[2J %d" % number)
        assert asked.ask(b"x") is None
    asked.close()
    said = [record.getMessage() for record in caplog.records]
    assert [message.partition(": ")[2].partition(":")[0] for message in said] == ["it answers 500", "it answers 501"]
    assert all(message.isprintable() for message in said)


def test_what_is_no_http_is_said_by_its_kind_and_cut_short(caplog: pytest.LogCaptureFixture) -> None:
    numbers = iter(range(100))
    with listening(lambda client: client.sendall(b"%d" % next(numbers) + b"x" * 5_000 + b"\r\n\r\n")) as endpoint:
        asked = Detector(endpoint, beside_seconds=DEADLINE_S, pause_seconds=0)
        assert [asked.ask(b"x") for _ in range(3)] == [None] * 3
    (record,) = caplog.records
    assert "its answer is no HTTP: BadStatusLine" in record.getMessage() and len(record.getMessage()) < 400
