"""Reading and looking: the newest counts, nothing piles up, and what is gone is tried again."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic, sleep
from typing import Any

import numpy as np
import pytest

from images.image_capture.detector import MOST_BYTES, Answer, Detector, parsed
from images.image_capture.looking import Looked, Looker, Reader
from images.image_capture.newest import Newest
from images.image_capture.settings import Endpoint, Settings
from images.image_capture.source import SourceFailed
from tests.waiting import DEADLINE_S

FRAME = np.zeros((48, 64, 3), np.uint8)


def body(*tags: str, probability: float = 0.9) -> bytes:
    box = {"left": 0.1, "top": 0.1, "width": 0.5, "height": 0.5}
    return json.dumps(
        {"predictions": [{"probability": probability, "tagId": 0, "tagName": tag, "boundingBox": box} for tag in tags]}
    ).encode()


def until(condition: Callable[[], bool]) -> None:
    end = monotonic() + DEADLINE_S
    while not condition():
        assert monotonic() < end
        sleep(0.005)


def running(worker: Any) -> threading.Thread:
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    return thread


class Scripted:
    """A source whose passes are scripted: numbers of frames, or failures; after the last one it waits."""

    live, name, rate = True, "scripted", 0.0

    def __init__(self, *passes: int | str) -> None:
        self._passes = list(passes)
        self.tried = 0

    def frames(self) -> Iterator[Any]:
        self.tried += 1
        if not self._passes:
            raise SourceFailed("gone")
        one = self._passes.pop(0)
        if isinstance(one, str):
            raise SourceFailed(one)
        yield from (FRAME for _ in range(one))


def test_the_newest_takes_the_place_of_what_nobody_took() -> None:
    newest = Newest[int]()
    for number in range(100):
        newest.put(number)
    assert (newest.take(0), newest.missed, newest.take(0)) == (99, 99, None)


def test_a_camera_that_goes_is_tried_until_it_is_back(caplog: pytest.LogCaptureFixture) -> None:
    source = Scripted("off", "off", 1, "off again", 1)
    reader = Reader(source, Settings(video="x", frames_per_second=60), least_pause=0.001)
    thread = running(reader)
    until(lambda: source.tried > 6)
    reader.stop()
    thread.join(DEADLINE_S)
    # the second frame took the place of the first
    assert reader.frames.take(0) is not None and reader.frames.missed == 1
    # each reason once, not each try
    assert [record.getMessage() for record in caplog.records] == [
        "off; trying again", "off again; trying again", "gone; trying again"
    ]  # fmt: skip


def test_a_file_that_is_not_looped_ends_and_one_that_is_begins_again() -> None:
    source = Scripted(1, 1)
    source.live = False
    reader = Reader(source, Settings(video="x", loop=False))
    thread = running(reader)
    assert reader.ended.wait(DEADLINE_S)
    assert source.tried == 1
    reader.stop()
    thread.join(DEADLINE_S)


def test_of_what_comes_by_itself_only_so_many_frames_are_kept() -> None:
    reader = Reader(Scripted(1000), Settings(video="x", frames_per_second=0.1))
    thread = running(reader)
    until(lambda: reader.frames.take(0.01) is not None)
    assert reader.frames.missed == 0
    reader.stop()
    thread.join(DEADLINE_S)


class Slow:
    def __init__(self) -> None:
        self.go = threading.Event()
        self.asked = 0

    def ask(self, picture: bytes) -> Answer | None:
        self.asked += 1
        self.go.wait(DEADLINE_S)
        return parsed(body("person"))


def test_frames_that_come_while_the_detector_works_are_missed_and_not_kept() -> None:
    frames, seen, slow = Newest[Any](), list[Looked](), Slow()
    looker = Looker(frames, slow, Settings(video="x"), seen.append, lambda: True)
    thread = running(looker)
    frames.put(FRAME)
    until(lambda: slow.asked == 1)
    for _ in range(50):
        frames.put(FRAME)
    slow.go.set()
    until(lambda: len(seen) == 2)
    assert (slow.asked, frames.missed) == (2, 49)
    assert seen[0].answer is not None and seen[0].picture.startswith(b"\xff\xd8")
    frames.put(np.zeros((0, 0, 3), np.uint8))  # of no size
    frames.put(FRAME[:1, :1])  # of another
    until(lambda: len(seen) == 3)
    looker.stop()
    thread.join(DEADLINE_S)


class Finds:
    def __init__(self) -> None:
        self.got = b""

    def ask(self, picture: bytes) -> Answer | None:
        self.got = picture
        return parsed(body("person"))


@pytest.mark.parametrize(
    ("watched", "annotate", "drawn"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_boxes_are_drawn_for_who_watches_and_wants_them(watched: bool, annotate: bool, drawn: bool) -> None:
    frames, seen, finds = Newest[Any](), list[Looked](), Finds()
    looker = Looker(frames, finds, Settings(video="x", annotate=annotate), seen.append, lambda: watched)
    frames.put(FRAME)
    thread = running(looker)
    until(lambda: len(seen) == 1)
    looker.stop()
    thread.join(DEADLINE_S)
    assert (seen[0].picture != finds.got) is drawn


class Service:
    """A detector over HTTP that answers what the test says."""

    def __init__(self) -> None:
        self.answer: tuple[int, bytes] = (200, body("person"))
        self.ready: tuple[int, bytes] = (404, b"")
        self.ends = False
        """Each connection after one answer."""
        self.got: list[tuple[str, bytes]] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                service.got.append((self.path, b""))
                self.answers(*service.ready)

            def do_POST(self) -> None:
                service.got.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
                self.answers(*service.answer)

            def answers(self, status: int, content: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.send_header("Connection", "close" if service.ends else "keep-alive")
                self.end_headers()
                self.wfile.write(content)
                self.close_connection = service.ends

            def log_message(self, *arguments: Any) -> None: ...

        self._handler = Handler
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()
    yield made
    made.close()


def detector(service: Service) -> Detector:
    there = Endpoint(host="127.0.0.1", port=service.port, target="/image")
    return Detector(there, beside_seconds=DEADLINE_S, pause_seconds=0)


def test_a_picture_is_posted_and_its_answer_is_handed_on_as_it_came(service: Service) -> None:
    asked = detector(service)
    answer = asked.ask(b"a picture")
    assert answer is not None
    assert (answer.body, [one.tag for one in answer.seen]) == (body("person"), ["person"])
    assert (service.got, answer.model) == ([("/ready", b""), ("/image", b"a picture")], "")
    asked.close()


def ready(version: object) -> tuple[int, bytes]:
    return 200, json.dumps({"status": "ready", "model": "people_detection", "version": version}).encode()


def test_an_answer_says_which_model_it_is_of_also_when_another_takes_its_place(service: Service) -> None:
    asked = detector(service)
    service.ready = ready("aaa111")
    assert [answer.model for _ in range(3) if (answer := asked.ask(b"x")) is not None] == ["aaa111"] * 3
    assert [path for path, _ in service.got] == ["/ready", "/image", "/image", "/image"]
    service.ready, service.ends = ready("bbb222"), True
    assert asked.ask(b"x") is not None  # of the connection that was there; it is the last one
    answer = asked.ask(b"x")
    assert answer is not None and answer.model == "bbb222"
    asked.close()


def test_a_detector_that_is_loading_is_not_asked_for_pictures(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    asked = detector(service)
    service.ready = (503, b'{"error": {"code": "NotReady", "message": "the model is loading"}}')
    assert asked.ask(b"x") is None
    assert "it is not ready" in caplog.text and "the model is loading" in caplog.text
    assert [path for path, _ in service.got] == ["/ready"]
    service.ready = ready("aaa111")
    assert asked.ask(b"x") is not None
    asked.close()


@pytest.mark.parametrize("says", [(200, b"Healthy"), (200, b"[]"), ready(7), ready("a\nb"), (404, b"")])
def test_another_detector_does_not_say_which_model_it_has_and_is_not_asked_twice(
    service: Service, says: tuple[int, bytes]
) -> None:
    service.ready, service.ends = says, True
    asked = detector(service)
    assert [answer.model for _ in range(3) if (answer := asked.ask(b"x")) is not None] == ["", "", ""]
    assert [path for path, _ in service.got] == ["/ready", "/image", "/image", "/image"]
    asked.close()


@pytest.mark.parametrize(
    "answer",
    [
        (503, b"loading"), (200, b"no json"), (200, b"[]"), (200, b'{"predictions": [{"tagName": 1}]}'), (200, b"null"),
        (200, b'{"predictions": [{"tagName": "a", "probability": "x", "boundingBox": {}}]}'), (302, b""),
        (200, b" " * (MOST_BYTES + 1)), (200, body("person").decode().encode("utf-16")),
        *((200, body("person").replace(b"0.9", number)) for number in (b"1" + b"0" * 400, b"1e400", b"NaN")),
    ],
)  # fmt: skip
def test_an_answer_that_is_none_is_told_once_and_asked_again(
    service: Service, answer: tuple[int, bytes], caplog: pytest.LogCaptureFixture
) -> None:
    asked = detector(service)
    good, service.answer = service.answer, answer
    assert [asked.ask(b"x") for _ in range(3)] == [None, None, None]
    assert len(caplog.records) == 1
    service.answer = good
    assert asked.ask(b"x") is not None
    asked.close()


def test_a_detector_that_is_gone_is_asked_again_after_a_pause_only(service: Service) -> None:
    service.close()
    asked = Detector(Endpoint(host="127.0.0.1", port=service.port, target="/"), pause_seconds=60)
    assert asked.ask(b"x") is None
    began = monotonic()
    assert [asked.ask(b"x") for _ in range(1000)] == [None] * 1000
    assert monotonic() - began < 1


def test_a_name_is_drawn_as_one_short_line() -> None:
    (one,) = parsed(body("per\nson\x1b" + "x" * 100)).seen
    assert one.tag.startswith("personx") and len(one.tag) <= 64
