"""What the reader's thread must outlive, and what it leaves alone; and how OpenCV is set."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from time import monotonic
from typing import Any

import cv2
import numpy as np
import pytest

from images.image_capture.looking import Looker, Reader
from images.image_capture.newest import Newest
from images.image_capture.settings import Settings, read_settings
from images.image_capture.source import Source, SourceFailed
from tests.images.image_capture.test_looking import FRAME, Scripted, running, until
from tests.waiting import DEADLINE_S

SMALL = np.zeros((48, 64, 3), np.uint8)


def source(video: Path | str) -> Source:
    return Source(read_settings({"VIDEO_PATH": str(video)}))


def head(width: int, height: int) -> bytes:
    """A PNG that says so large a size, and has nothing behind it."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    size = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + size + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def test_a_path_that_cannot_be_looked_at_fails_with_the_reason() -> None:
    with pytest.raises(SourceFailed, match="cannot be read: File name too long"):
        list(source("/" + "a" * 300).frames())


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), FileNotFoundError(2, "No such file")])
def test_a_folder_that_cannot_be_listed_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: OSError
) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), SMALL)
    listed = Path.iterdir

    def refused(folder: Path) -> Any:
        raise error

    monkeypatch.setattr(Path, "iterdir", refused)
    reader = Reader(source(tmp_path), Settings(video="x"), least_pause=0.001)
    thread = running(reader)
    until(lambda: bool(caplog.records))
    monkeypatch.setattr(Path, "iterdir", listed)
    until(lambda: reader.frames.take(0) is not None)
    reader.stop()
    thread.join(DEADLINE_S)
    assert [record.getMessage() for record in caplog.records] == [
        f"{tmp_path} cannot be read: {error.strerror}; trying again"
    ]


def test_a_camera_at_which_opencv_fails_is_tried_again_and_its_words_stay_here(monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing:
        def isOpened(self) -> bool:
            return True

        def get(self, asked: int) -> float:
            return float("nan")

        def read(self) -> Any:
            raise cv2.error("rtsp://admin:hunter2@camera")

        def release(self) -> None: ...

    monkeypatch.setattr(cv2, "VideoCapture", lambda *address: Failing())
    with pytest.raises(SourceFailed) as failed:
        list(source("/dev/video0").frames())
    assert str(failed.value) == "/dev/video0 cannot be read: OpenCV refuses it"


def test_one_bad_picture_of_a_folder_is_left_out_and_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "a.png").write_bytes(head(40000, 40000))
    for name in "bc":
        cv2.imwrite(str(tmp_path / f"{name}.png"), SMALL)
    read = source(tmp_path)
    for _ in range(2):
        assert len(list(read.frames())) == 2
    assert [record.getMessage() for record in caplog.records] == [
        f"{tmp_path}: left out: a.png (no picture, damaged, or of more than 16,777,216 pixels)"
    ]


def test_what_is_no_regular_file_of_a_folder_is_left_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.jpg")
    (tmp_path / "b.jpg").mkdir()
    cv2.imwrite(str(tmp_path / "c.png"), SMALL)
    reader = Reader(source(tmp_path), Settings(video="x"))
    thread = running(reader)
    until(lambda: reader.frames.take(0) is not None)
    reader.stop()
    thread.join(DEADLINE_S)


def test_a_video_of_too_large_frames_is_refused_before_one_is_read(tmp_path: Path) -> None:
    size = (4104, 4096)
    writer = cv2.VideoWriter(str(tmp_path / "a.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 20.0, size)
    writer.write(np.zeros((*reversed(size), 3), np.uint8))
    writer.release()
    with pytest.raises(SourceFailed, match="has frames of 4104 x 4096, allowed are 16,777,216 pixels"):
        next(source(tmp_path / "a.avi").frames())


def test_the_pace_holds_from_one_pass_to_the_next() -> None:
    began = monotonic()
    source = Scripted(*[1] * 6)
    source.live = False
    reader = Reader(source, Settings(video="x", frames_per_second=50))
    thread = running(reader)
    until(lambda: source.tried >= 6)
    assert monotonic() - began >= 4 / 50
    reader.stop()
    thread.join(DEADLINE_S)


def test_a_file_that_says_it_has_next_to_no_frames_a_second_is_not_believed() -> None:
    source = Scripted(100)
    source.live, source.rate = False, 1e-9
    reader = Reader(source, Settings(video="x", frames_per_second=60))
    thread = running(reader)
    until(lambda: reader.frames.take(0) is not None)
    until(lambda: reader.frames.take(0) is not None)
    reader.stop()
    thread.join(DEADLINE_S)


class Narrow(Newest[Any]):
    """Three frames, one after the other, that cannot be scaled."""

    taken = 0

    def take(self, seconds: float) -> Any:
        self.taken += 1
        return np.zeros((2000, 1, 3), np.uint8) if self.taken <= 3 else super().take(seconds)


def test_why_frames_are_left_out_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    frames = Narrow()
    looker = Looker(frames, None, Settings(video="x", width=1000), lambda looked: None, lambda: False)
    thread = running(looker)
    frames.put(FRAME)
    until(lambda: looker.looked == 1)
    looker.stop()
    thread.join(DEADLINE_S)
    assert len(caplog.records) == 1


def test_in_the_modules_own_process_opencv_is_silent_and_unpacks_nothing_too_large(tmp_path: Path) -> None:
    for name, side in (("a", 4096), ("b", 4100)):
        (tmp_path / f"{name}.png").write_bytes(head(side, side))
    program = """
import sys
import images.image_capture.__main__
import cv2
print(cv2.utils.logging.getLogLevel(), cv2.getNumThreads())
for name in sys.argv[1:]:
    try:
        print(cv2.imread(name) is None)
    except cv2.error as error:
        print(error.err)
"""
    command = [sys.executable, "-c", program, str(tmp_path / "a.png"), str(tmp_path / "b.png")]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENCV_")}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.splitlines()[0] == "0 1"
    assert "CV_IO_MAX_IMAGE_PIXELS" not in done.stdout.splitlines()[1]
    assert done.stdout.splitlines()[2] == "pixels <= CV_IO_MAX_IMAGE_PIXELS"
