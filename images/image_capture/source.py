# mypy: disable-error-code="call-overload"
"""Where pictures come from: a file, a folder, a camera, a stream; read by OpenCV.

`frames` is one pass of a file or folder, or one connection. https://docs.opencv.org/5.x/d8/dfe/classcv_1_1VideoCapture.html
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

# before OpenCV is imported: its lines, and those of the reader in it, may show a URL with what stands before the @
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
# over TCP: over UDP a lost packet is half a picture
os.environ.setdefault("OPENCV_FFMPEG_CAPTURE_OPTIONS", "rtsp_transport;tcp")

import cv2

from images.image_capture.pattern import pattern
from images.image_capture.settings import CAMERA, PATTERN, Settings

cv2.setNumThreads(1)

Frame = Any
"""Height x width x 3 or height x width, uint8."""
OPEN_MS, READ_MS = 5000, 5000
PICTURES = (".bmp", ".jpeg", ".jpg", ".png", ".webp")
MOST_CREDENTIALS_BYTES = 4096


class SourceFailed(Exception):
    """Nothing comes now; trying again may help."""


class Source:
    def __init__(self, settings: Settings) -> None:
        self._video = settings.video
        self._credentials = settings.credentials
        self.live = "://" in settings.video or CAMERA.fullmatch(settings.video) is not None
        """Comes by itself; else it is read as fast as anybody asks."""
        self.name = _shown(settings.video, hidden=settings.credentials is not None)
        """For logs."""
        self.rate = 0.0
        """Frames a second, as the file itself says; 0: it does not."""

    def frames(self) -> Iterator[Frame]:
        """Raises SourceFailed."""
        if self._video == PATTERN:
            return pattern()
        if not self.live and Path(self._video).is_dir():
            return self._of_folder(Path(self._video))
        return self._of_video()

    def _of_folder(self, folder: Path) -> Iterator[Frame]:
        seen = 0
        for file in sorted(one for one in folder.iterdir() if one.suffix.lower() in PICTURES):
            if (frame := cv2.imread(str(file))) is not None:
                seen += 1
                yield frame
        if not seen:
            raise SourceFailed(f"{self.name} has no picture that can be read ({', '.join(PICTURES)})")

    def _of_video(self) -> Iterator[Frame]:
        capture = self._opened()
        try:
            self.rate = float(capture.get(cv2.CAP_PROP_FPS) or 0)
            seen = 0
            while True:
                read, frame = capture.read()
                if not read or frame is None or not frame.size:
                    break
                seen += 1
                yield frame
            if self.live:
                raise SourceFailed(f"{self.name} sends nothing more")
            if not seen:
                raise SourceFailed(f"{self.name} has no frames")
        finally:
            capture.release()

    def _opened(self) -> Any:
        if CAMERA.fullmatch(self._video):
            capture = cv2.VideoCapture(int(self._video.removeprefix("/dev/video")))
        else:
            limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, OPEN_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, READ_MS]
            capture = cv2.VideoCapture(self._address(), cv2.CAP_FFMPEG, limits)
        if not capture.isOpened():
            capture.release()
            may_be = ": nobody is there, or another user or path is wanted" if "://" in self._video else ""
            raise SourceFailed(f"{self.name} cannot be opened{may_be}")
        return capture

    def _address(self) -> str:
        """With who may look, where there is a file of it: it is read anew, as somebody may have changed it."""
        if self._credentials is None or "://" not in self._video:
            return self._video
        try:
            content = self._credentials.read_bytes()[:MOST_CREDENTIALS_BYTES].decode().strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SourceFailed(f"{self._credentials} cannot be read: {type(error).__name__}") from None
        user, colon, password = content.partition(":")
        if not user or not colon or "\n" in content:
            raise SourceFailed(f"{self._credentials} is not one line user:password")
        scheme, _, rest = self._video.partition("://")
        return f"{scheme}://{quote(user, safe='')}:{quote(password, safe='')}@{rest}"


def _shown(video: str, *, hidden: bool) -> str:
    if "://" not in video:
        return video
    parts = urlsplit(video)
    return f"{parts.scheme}://{'***@' if hidden else ''}{parts.netloc}"
