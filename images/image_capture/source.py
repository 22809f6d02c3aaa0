# mypy: disable-error-code="call-overload"
"""Where pictures come from: a file, a folder, a camera, a stream; read by OpenCV.

`frames` is one pass of a file or folder, or one connection. https://docs.opencv.org/5.x/d8/dfe/classcv_1_1VideoCapture.html
"""

from __future__ import annotations

import logging
import os
import re
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from images.image_capture.opencv import cv2
from images.image_capture.pattern import pattern
from images.image_capture.settings import CAMERA, MOST_PIXELS, PATTERN, Settings, is_address, over_tls

Frame = Any
"""Height x width x 3 or height x width, uint8."""
OPEN_MS, READ_MS = 5000, 5000
TLS_PORT = 322
PICTURES = (".bmp", ".jpeg", ".jpg", ".png", ".webp")
MOST_CREDENTIALS_BYTES = 4096

log = logging.getLogger("image_capture")


class SourceFailed(Exception):
    """Nothing comes now; trying again may help."""


class Source:
    def __init__(self, settings: Settings) -> None:
        self._video = settings.video
        self._credentials, self._ca_file = settings.credentials, settings.ca_file
        self._told = ""
        self.live = "://" in settings.video or CAMERA.fullmatch(settings.video) is not None
        """Comes by itself; else it is read as fast as anybody asks."""
        self.name = _shown(settings.video, hidden=settings.credentials is not None)
        """For logs."""
        self.rate = 0.0
        """Frames a second, as the file itself says; 0: it does not."""
        # read at each opening. Over TCP: over UDP a lost packet is half a picture. A certificate is held to its host's
        # name, too, but not to an address
        os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = f"rtsp_transport;tcp|tls_verify;1|ca_file;{self._ca_file}"

    def frames(self) -> Iterator[Frame]:
        """Raises SourceFailed, and nothing else that trying again may mend."""
        try:
            yield from self._pass()
        except OSError as error:
            raise SourceFailed(f"{self.name} cannot be read: {error.strerror or type(error).__name__}") from error
        except cv2.error:
            # its own text may show the URL
            raise SourceFailed(f"{self.name} cannot be read: OpenCV refuses it") from None

    def _pass(self) -> Iterator[Frame]:
        if self._video == PATTERN:
            return pattern()
        if not self.live and Path(self._video).is_dir():
            return self._of_folder(Path(self._video))
        return self._of_video()

    def _of_folder(self, folder: Path) -> Iterator[Frame]:
        seen, left_out = 0, list[str]()
        for file in sorted(one for one in folder.iterdir() if one.suffix.lower() in PICTURES and one.is_file()):
            if (frame := _picture(file)) is None:
                left_out.append(file.name)
            else:
                seen += 1
                yield frame
        told = _left_out(left_out)
        if not seen:
            kinds = ", ".join(PICTURES)
            raise SourceFailed(f"{self.name} has no picture that can be read ({kinds}){told and '; ' + told}")
        if told and told != self._told:
            log.warning("%s: %s", self.name, told)
        self._told = told

    def _of_video(self) -> Iterator[Frame]:
        capture = self._opened()
        try:
            self.rate = float(capture.get(cv2.CAP_PROP_FPS) or 0)
            self._bound(capture.get(cv2.CAP_PROP_FRAME_WIDTH), capture.get(cv2.CAP_PROP_FRAME_HEIGHT))
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

    def _bound(self, width: float, height: float) -> None:
        """Before anything of it is unpacked."""
        if width * height > MOST_PIXELS:
            raise SourceFailed(
                f"{self.name} has frames of {width:.0f} x {height:.0f}, allowed are {MOST_PIXELS:,} pixels"
            )

    def _opened(self) -> Any:
        if CAMERA.fullmatch(self._video):
            capture = cv2.VideoCapture(int(self._video.removeprefix("/dev/video")))
        else:
            limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, OPEN_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, READ_MS]
            capture = cv2.VideoCapture(self._address(), cv2.CAP_FFMPEG, limits)
        if not capture.isOpened():
            capture.release()
            raise SourceFailed(f"{self.name} cannot be opened{self._why_not()}")
        return capture

    def _why_not(self) -> str:
        """OpenCV does not say it."""
        if "://" not in self._video:
            return ""
        if over_tls(self._video) and (refused := self._certificate_refused()):
            allowed = f"one of {self._ca_file}, which CAMERA_CA (caFile of the layer) names"
            return f": its certificate is not accepted ({refused}), allowed is {allowed}"
        return ": nobody is there, or another user or path is wanted"

    def _certificate_refused(self) -> str:
        """Why, as Python's TLS finds it; empty where it is accepted, or nobody is there."""
        parts = urlsplit(self._video)
        try:
            context = ssl.create_default_context(cafile=str(self._ca_file))
        except OSError:
            raise SourceFailed(f"{self._ca_file} cannot be read as certificates in PEM (CAMERA_CA)") from None
        host = parts.hostname or ""
        context.check_hostname = not is_address(host)
        try:
            with socket.create_connection((host, parts.port or TLS_PORT), OPEN_MS / 1000) as plain:
                context.wrap_socket(plain, server_hostname=host).close()
        except ssl.SSLCertVerificationError as error:
            return error.verify_message
        except (OSError, UnicodeError):
            return ""
        return ""

    def _address(self) -> str:
        """With who may look, where there is a file of it: it is read anew, as somebody may have changed it."""
        if self._credentials is None or "://" not in self._video:
            return self._video
        try:
            content = self._credentials.read_bytes()[:MOST_CREDENTIALS_BYTES].decode("utf-8-sig").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SourceFailed(f"{self._credentials} cannot be read: {type(error).__name__}") from None
        user, colon, password = content.partition(":")
        if not user or not colon or "\n" in content:
            raise SourceFailed(f"{self._credentials} is not one line user:password")
        scheme, _, rest = self._video.partition("://")
        return f"{scheme}://{quote(user, safe='')}:{quote(password, safe='')}@{rest}"


def _shown(video: str, *, hidden: bool) -> str:
    if "://" not in video:
        return re.sub("[^/]*:[^/]*@", "***@", video)
    parts = urlsplit(video)
    return f"{parts.scheme}://{'***@' if hidden else ''}{parts.netloc}"


def _picture(file: Path) -> Frame | None:
    """None where it is none, is damaged, or is too large: that one alone is left out."""
    try:
        return cv2.imread(str(file))
    except cv2.error:
        return None


def _left_out(names: list[str]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    reasons = f"no picture, damaged, or of more than {MOST_PIXELS:,} pixels"
    return f"left out: {', '.join(names[:3])}{more} ({reasons})"
