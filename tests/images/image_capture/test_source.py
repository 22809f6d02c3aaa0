"""Files, folders and streams through OpenCV itself; a stream's credentials, and what is shown of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from images.image_capture.detector import Seen
from images.image_capture.pictures import annotated, jpeg, prepared
from images.image_capture.settings import Settings, read_settings
from images.image_capture.source import Source, SourceFailed

WIDTH, HEIGHT = 64, 48


def clip(file: Path, frames: int) -> Path:
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"MJPG"), 20.0, (WIDTH, HEIGHT))
    for number in range(frames):
        writer.write(np.full((HEIGHT, WIDTH, 3), number * 10, np.uint8))
    writer.release()
    return file


def source(video: Path | str, **environ: str) -> Source:
    return Source(read_settings({"VIDEO_PATH": str(video), **environ}))


def test_a_file_gives_all_its_frames_again_at_each_pass(tmp_path: Path) -> None:
    read = source(clip(tmp_path / "a.avi", 5))
    for _ in range(2):
        frames = list(read.frames())
        assert [int(frame.mean() / 10 + 0.5) for frame in frames] == [0, 1, 2, 3, 4]
        assert frames[0].shape == (HEIGHT, WIDTH, 3)
    assert (read.rate, read.live) == (20.0, False)


def test_a_video_whose_size_changes_comes_whole_in_the_size_it_began_with(tmp_path: Path) -> None:
    video = tmp_path / "a.mjpeg"
    sizes = [(HEIGHT, WIDTH)] * 3 + [(120, 160)] * 3 + [(24, 32)] * 2
    video.write_bytes(b"".join(jpeg(np.full((*size, 3), 20 * n, np.uint8)) for n, size in enumerate(sizes)))
    frames = list(source(video).frames())
    assert {frame.shape for frame in frames} == {(HEIGHT, WIDTH, 3)}
    assert [round(frame.mean() / 20) for frame in frames] == list(range(len(sizes)))


def test_of_a_video_that_is_cut_off_what_is_there_comes(tmp_path: Path) -> None:
    video = clip(tmp_path / "a.avi", 20)
    whole = video.read_bytes()
    video.write_bytes(whole[: whole.rindex(b"00dc", 0, len(whole) * 3 // 4)])
    assert 0 < len(list(source(video).frames())) < 20


def test_pictures_of_a_folder_come_in_order_each_of_its_own_size_and_what_is_none_is_left_out(tmp_path: Path) -> None:
    for number, size in enumerate([(20, 10), (40, 30), (10, 40)]):
        cv2.imwrite(str(tmp_path / f"{number}.png"), np.zeros((*size, 3), np.uint8))
    (tmp_path / "1b.png").write_bytes(b"no picture")
    (tmp_path / "readme.txt").write_text("no picture")
    assert [frame.shape[:2] for frame in source(tmp_path).frames()] == [(20, 10), (40, 30), (10, 40)]


@pytest.mark.parametrize("made", ["nothing", "no video", "no frames", "empty folder"])
def test_what_gives_nothing_fails_with_its_name(tmp_path: Path, made: str) -> None:
    video = tmp_path / "video"
    if made == "no video":
        video.write_bytes(b"no video" * 100)
    elif made == "no frames":
        video = clip(tmp_path / "none.avi", 0)
    elif made == "empty folder":
        video.mkdir()
    with pytest.raises(SourceFailed, match=str(video)):
        list(source(video).frames())


def test_a_camera_that_is_not_there_fails() -> None:
    with pytest.raises(SourceFailed, match="/dev/video97 cannot be opened"):
        list(source("/dev/video97").frames())


def test_who_may_look_stands_in_a_file_and_in_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    class Closed:
        def isOpened(self) -> bool:
            return False

        def release(self) -> None: ...

    def capture(address: str, *more: Any) -> Closed:
        opened.append(address)
        return Closed()

    monkeypatch.setattr(cv2, "VideoCapture", capture)
    file = tmp_path / "camera"
    stream = source("rtsp://camera.local:8554/live", CAMERA_CREDENTIALS=str(file))
    assert stream.name == "rtsp://***@camera.local:8554"
    for content, address in (("admin:p@ss/w:d\n", "admin:p%40ss%2Fw%3Ad"), ("\ufeffnew:one", "new:one")):
        file.write_text(content)
        with pytest.raises(SourceFailed) as failed:
            list(stream.frames())
        assert opened[-1] == f"rtsp://{address}@camera.local:8554/live"
        assert str(failed.value).startswith("rtsp://***@camera.local:8554 cannot be opened: nobody is there, or")


@pytest.mark.parametrize("content", [None, b"", b"no colon", b"a:b\nc:d", b"\xff\xfe:x", b":x"])
def test_a_file_of_credentials_that_is_none_is_told_without_its_content(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "camera"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SourceFailed) as failed:
        list(source("rtsp://camera/live", CAMERA_CREDENTIALS=str(file)).frames())
    assert str(failed.value).startswith(f"{file} ")
    assert "no colon" not in str(failed.value)


@pytest.mark.parametrize(
    ("width", "height", "gray", "shape"),
    [
        (0, 0, False, (48, 64, 3)), (32, 0, False, (24, 32, 3)), (0, 24, True, (24, 32)), (10, 40, False, (40, 10, 3)),
        (1, 0, False, (1, 1, 3)),
    ],
)  # fmt: skip
def test_a_frame_is_brought_to_its_size_and_colours(
    width: int, height: int, gray: bool, shape: tuple[int, ...]
) -> None:
    settings = Settings(video="x", width=width, height=height, gray=gray)
    frame = prepared(np.zeros((HEIGHT, WIDTH, 3), np.uint8), settings)
    assert frame.shape == shape
    decoded = cv2.imdecode(np.frombuffer(jpeg(frame), np.uint8), cv2.IMREAD_UNCHANGED)
    assert decoded is not None and decoded.shape == shape


def test_boxes_are_drawn_around_who_is_probable_enough_and_the_frame_stays_as_it_is() -> None:
    frame = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    box = {"left": 0.25, "top": 0.25, "width": 0.5, "height": 0.5}
    assert not annotated(frame, [Seen(tag="person", probability=0.39, **box)]).any()
    drawn = annotated(frame, [Seen(tag="person", probability=0.41, **box)])
    assert drawn[30, WIDTH // 4].any() and not drawn[30, WIDTH // 2].any()
    assert not frame.any()
    assert annotated(frame[..., 0], []).shape == (HEIGHT, WIDTH, 3)


def test_a_frame_whose_other_side_would_be_endless_is_refused() -> None:
    with pytest.raises(ValueError, match="of 1 x 2000 it would become 1000 x 2000000, allowed is a side of 4096"):
        prepared(np.zeros((2000, 1, 3), np.uint8), Settings(video="x", width=1000))


def test_the_pattern_has_somebody_who_walks_and_at_the_end_nobody() -> None:
    frames = list(source("pattern").frames())
    assert (frames[0] != frames[-1]).any() and (frames[10] != frames[0]).any()
    assert (frames[-1] == frames[-2]).all()
