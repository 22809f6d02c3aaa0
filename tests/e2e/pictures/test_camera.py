"""The camera's module before what is not ours: GStreamer's RTSP server, and its page in headless Chromium."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from images.edge_hub.messages import Handlers, Outbound
from images.image_capture.detector import Answer, parsed
from images.image_capture.module import Capture
from images.image_capture.pattern import pattern
from images.image_capture.pictures import jpeg
from images.image_capture.settings import read_settings
from images.image_capture.source import Source, SourceFailed
from images.image_capture.viewer import Viewer
from tests.e2e.pictures.camera.browser import Page, browser
from tests.e2e.pictures.camera.stream import PASSWORD, USER, Stream
from tests.e2e.stack.local_stack import ROOT, eventually

pytestmark = pytest.mark.pictures

SHOWN = ROOT / ".local" / "pictures"
"""Where pictures of the page are left, to be looked at."""
STATE = "document.getElementById('state').textContent"
SAID = f"""said = []; new MutationObserver(() => said.push({STATE})).observe(document.getElementById('state'),
 {{childList: true}}); 0"""
RATE = f"/^[1-9]\\d*\\.\\d pictures a second$/.test({STATE})"
ONE = b"""{"predictions": [{"probability": 0.93, "tagId": 0, "tagName": "person",
 "boundingBox": {"left": 0.3, "top": 0.2, "width": 0.4, "height": 0.6}}]}"""


@pytest.fixture
def stream(programs: tuple[str, str], tmp_path: Path) -> Iterator[Stream]:
    made = Stream(programs[1], tmp_path)
    made.start()
    yield made
    made.kill()


@pytest.fixture
def page(programs: tuple[str, str], tmp_path: Path) -> Iterator[Page]:
    profile = tmp_path / "profile"
    profile.mkdir()
    with browser(programs[0], profile) as opened:
        yield opened


def source(stream: Stream, file: Path, content: str) -> Source:
    file.write_text(content)
    return Source(read_settings({"VIDEO_PATH": stream.url, "CAMERA_CREDENTIALS": str(file)}))


def test_a_stream_is_read_by_who_may_and_by_nobody_else(stream: Stream, tmp_path: Path) -> None:
    for content in (f"{USER}:wrong", f"nobody:{PASSWORD}"):
        with pytest.raises(SourceFailed) as refused:
            next(source(stream, tmp_path / "camera", content).frames())
        assert str(refused.value).startswith(f"rtsp://***@127.0.0.1:{stream.port} cannot be opened")
    allowed = source(stream, tmp_path / "camera", f"{USER}:{PASSWORD}\n")
    frames = allowed.frames()
    first = [next(frames) for _ in range(5)]
    del frames  # which ends the connection
    assert {frame.shape for frame in first} == {(480, 640, 3)} and allowed.rate == 20
    assert first[-1].max() > 200 and first[-1].mean() < 20  # a white ball before black


class Hub:
    def __init__(self) -> None:
        self.sent: list[bytes] = []

    async def open(self, handlers: Handlers) -> None: ...

    async def send(self, message: Outbound) -> None:
        self.sent.append(message.body)

    async def close(self) -> None: ...


class Finds:
    def ask(self, picture: bytes) -> Answer | None:
        return parsed(ONE)


@pytest.fixture
def capture(stream: Stream, tmp_path: Path) -> Iterator[Capture]:
    """Running, before the stream."""
    file = tmp_path / "camera"
    file.write_text(f"{USER}:{PASSWORD}")
    environ = {"VIDEO_PATH": stream.url, "CAMERA_CREDENTIALS": str(file), "FRAMES_PER_SECOND": "20"}
    settings = read_settings(environ)
    made = Capture(Hub(), settings, Source(settings), detector=Finds(), port=0)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=lambda: loop.run_until_complete(made.run()), daemon=True)
    thread.start()
    viewer = made.viewer
    assert viewer is not None
    eventually("the viewer listens", lambda: viewer.started)
    yield made
    loop.call_soon_threadsafe(made.stop)
    thread.join(30)
    loop.close()


class Viewing:
    """A viewer alone, which can go and come back at its port."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port = 0
        self.start()

    def start(self) -> None:
        self._viewer = Viewer()
        self._done(self._viewer.start("127.0.0.1", self.port))
        self.port = self._viewer.port

    def show(self) -> None:
        self._loop.call_soon_threadsafe(self._viewer.show, jpeg(next(pattern())))

    def stop(self) -> None:
        self._done(self._viewer.close())

    def end(self) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)
        self._loop.close()

    def _done(self, call: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(call, self._loop).result(30)


@pytest.fixture
def viewing() -> Iterator[Viewing]:
    made = Viewing()
    yield made
    made.end()


def test_the_page_says_how_new_its_picture_is_and_dims_an_old_one(viewing: Viewing, page: Page) -> None:
    old = "document.getElementById('picture').className"
    page.open(f"http://127.0.0.1:{viewing.port}/")
    page.until("nothing comes", f"/^No new picture for [2-9] s$/.test({STATE})")
    page.value(SAID)
    viewing.show()
    page.until("one has come, and is the last", f"said.length > 1 && /^No new picture for [2-9] s$/.test({STATE})")
    said = page.value("said.join()")
    assert "A new picture" in said and "for 0 s" not in said and "for 1 s" not in said
    assert page.value(old) == ""
    viewing.stop()
    page.until("nobody is there", f"{STATE} == 'Not connected, trying again' && {old} == 'old'")
    SHOWN.mkdir(parents=True, exist_ok=True)
    (SHOWN / "viewer-old.png").write_bytes(page.picture())
    viewing.start()
    viewing.show()
    page.until("a new one is not dimmed", f"{old} == ''")


def test_the_page_shows_a_stream_that_goes_and_comes_back(
    capture: Capture, stream: Stream, page: Page, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    assert capture.viewer is not None
    page.open(f"http://127.0.0.1:{capture.viewer.port}/")
    assert page.until("a picture of the camera", "document.getElementById('picture').naturalWidth") == 640
    page.until("pictures come", RATE)
    SHOWN.mkdir(parents=True, exist_ok=True)
    (SHOWN / "viewer.png").write_bytes(shown := page.picture())
    pixels = cv2.imdecode(np.frombuffer(shown, np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    # the box of whom the detector finds is green
    assert ((pixels[..., 1] > 180) & (pixels[..., 0] < 120) & (pixels[..., 2] < 120)).sum() > 500
    stream.kill()
    page.until("that nothing comes is told", f"/^No new picture for [3-9] s$/.test({STATE})")
    stream.start()
    page.until("pictures come again", RATE)
    assert page.complaints == []
    told = [record.getMessage() for record in caplog.records]
    assert any(one.startswith(f"rtsp://***@127.0.0.1:{stream.port} ") for one in told)
    assert not any(PASSWORD in one or USER in one for one in told)
