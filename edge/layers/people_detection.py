"""Tells who is before a camera: one module looks through it, asks the detector beside it, and sends on what was found.

Module names, the detector's port and the viewer's are those that their users know. The same layer is for any class of
device: nothing of its host is taken for granted, but what a setting names.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from msgspec import Meta

from contracts.limits import BodyLimitMb
from contracts.names import SECRETS_FOLDER
from edge.manifest import (
    HUB_PORTS,
    DeviceFile,
    Images,
    Layer,
    LayerContent,
    Misfit,
    Module,
    Needs,
    Port,
    Route,
    output_to_upstream,
)
from edge.senders import ScorerSettings, limited, scorer_module

MODEL, IMAGE_CAPTURE = "people_detection", "image_capture"
DETECTOR, CAPTURE = "people-detection-service", "image-capture"
DETECTOR_PORT, VIEWER_PORT = 80, 5012
OUTPUT = "output1"
CREDENTIALS, CA_FILE = f"{SECRETS_FOLDER}/camera", f"{SECRETS_FOLDER}/camera-ca.pem"
_STREAM = re.compile(r"rtsps?://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?([/?]\S*)?")
_CAMERA = re.compile(r"/dev/video\d{1,3}")
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_NAME = rf"(?=.{{1,253}}\Z)(?!.*\.[0-9]+\Z){_LABEL}(\.{_LABEL})+"
"""As the detector takes them at its start (`models/remote_picture.py`)."""

Share = Annotated[float, Meta(ge=0, le=1)]
HostName = Annotated[
    str,
    Meta(
        pattern=rf"^{_NAME}\Z",
        description="a host's name in lower case such as pictures.example.com, without scheme, port, path or wildcard, "
        "and no IP address",
    ),
]
DeviceMount = Annotated[
    str,
    Meta(
        pattern=r"^(/(?!\.\.?(/|\Z))[A-Za-z0-9._-]+)+\Z",
        description="a file's path from the device's root, of letters, digits and . _ - /",
    ),
]


class Settings(ScorerSettings, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    body_limit_mb: BodyLimitMb = 4
    floor: Share = 0.1
    """Of the probability, of what the detector tells."""
    iou: Share = 0.45
    """More agreement than this with a better box, and a box is not told."""
    maximum: Annotated[int, Meta(ge=1, le=1000)] = 20
    """Boxes of one picture."""
    url_hosts: tuple[HostName, ...] = ()
    """From which the detector fetches pictures by their URL; none: that is off."""
    video: Annotated[
        str,
        Meta(
            pattern=r"^(pattern|/dev/video\d{1,3}|(?!/dev(/|\Z))(/(?!\.\.?(/|\Z))[A-Za-z0-9._-]+)+|rtsps?://[^\s/]+(/\S*)?)\Z",
            description="pattern (a drawn figure), /dev/video0 (up to 3 digits), rtsp:// or rtsps:// (in lower case) "
            "with host and path and without a user, or the path of a file or folder from the device's root, of "
            "letters, digits and . _ - /, without . and .. and not of /dev",
        ),
    ] = "pattern"
    credentials_file: DeviceMount | None = None
    """On the device, with user:password of the stream."""
    ca_file: DeviceMount | None = None
    """On the device, in PEM: of whom the certificate of an rtsps:// stream must be; none: a public CA's."""
    frames_per_second: Annotated[float, Meta(ge=0.01, le=60)] = 10
    loop: bool = True
    gray: bool = False
    width: Annotated[int, Meta(ge=0, le=4096)] = 0
    """Of the pictures that are looked at and shown; 0: as they come."""
    height: Annotated[int, Meta(ge=0, le=4096)] = 0
    send: Literal["change", "interval"] = "change"
    """Whenever others are seen than before, or the newest at an interval."""
    send_seconds: Annotated[float, Meta(ge=0.1, le=86400)] = 1
    """The least between two messages."""
    annotate: bool = True
    viewer_port: Annotated[int, Meta(ge=1, le=65535)] | None = VIEWER_PORT
    """Of the device, at 127.0.0.1, with the page that shows what is seen; null: there is none."""
    capture_memory_mb: Annotated[int, Meta(ge=64, le=1_048_576)] = 384

    def __post_init__(self) -> None:
        if self.expose == "lan":
            raise Misfit("expose", f"device: {CAPTURE} asks the detector without a key")
        super().__post_init__()
        if "@" in self.video:
            how = "put user:password into a file of the device, and its path into credentialsFile"
            raise Misfit("video", f"a URL that names no user; {how} (an @ of a path is %40)")
        if self.credentials_file is not None and "://" not in self.video:
            raise Misfit("credentialsFile", f"none, or with a stream (rtsp://) as video, which is {self.video!r}")
        if "://" in self.video:
            self._check_stream()
        if self.ca_file is not None and not self.video.startswith("rtsps://"):
            raise Misfit("caFile", "none, or with a stream over TLS (rtsps://) as video")
        if self.viewer_port in HUB_PORTS:
            raise Misfit("viewerPort", f"another than edgeHub's on every device: {', '.join(map(str, HUB_PORTS))}")
        if self.viewer_port is not None and self.viewer_port == self.port:
            raise Misfit("port", f"another than viewerPort, which is {self.viewer_port}")

    def _check_stream(self) -> None:
        if not _STREAM.fullmatch(self.video):
            # not repeated: a password may stand in it
            raise Misfit("video", "rtsp://host:port/path with a host that can be read", hides=True)
        if self.ca_file is None and self.video.startswith("rtsps://") and _is_address(urlsplit(self.video).hostname):
            how = "rtsps:// with a name, to which a certificate is held, or an address with caFile"
            raise Misfit("video", how, hides=True)


def needs(settings: Settings) -> Needs:
    return Needs(models=(MODEL,), images=(IMAGE_CAPTURE,))


def content(images: Images, settings: Settings) -> LayerContent:
    route = Route(expression=output_to_upstream((CAPTURE, OUTPUT)))
    return LayerContent(
        modules={DETECTOR: _detector(images[MODEL], settings), CAPTURE: _capture(images[IMAGE_CAPTURE], settings)},
        routes={f"{MODEL}-to-upstream": route},
    )


def _is_address(host: str | None) -> bool:
    try:
        return bool(ipaddress.ip_address(host or ""))
    except ValueError:
        return False


def _detector(image: object, settings: Settings) -> Module:
    own = {
        "DETECTION_FLOOR": str(settings.floor),
        "DETECTION_IOU": str(settings.iou),
        "DETECTION_MAXIMUM": str(settings.maximum),
        **({"DETECTION_URL_HOSTS": ",".join(settings.url_hosts)} if settings.url_hosts else {}),
    }
    return scorer_module(image, settings, listens=DETECTOR_PORT, env=own)


def _capture(image: object, settings: Settings) -> Module:
    host: dict[str, Any] = dict(limited(settings.capture_memory_mb))
    files = []
    if _CAMERA.fullmatch(settings.video):
        host["Devices"] = [{"PathOnHost": settings.video, "PathInContainer": settings.video, "CgroupPermissions": "rw"}]
        host["GroupAdd"] = ["video"]
    elif settings.video.startswith("/"):
        files.append(DeviceFile(on_device=settings.video, in_module=settings.video))
    if settings.credentials_file is not None:
        files.append(DeviceFile(on_device=settings.credentials_file, in_module=CREDENTIALS))
    if settings.ca_file is not None:
        files.append(DeviceFile(on_device=settings.ca_file, in_module=CA_FILE))
    viewer = settings.viewer_port
    return Module(
        image=image,
        create_options={"HostConfig": host},
        env={
            "VIDEO_PATH": settings.video,
            "IMAGE_PROCESSING_ENDPOINT": f"http://{DETECTOR}:{DETECTOR_PORT}/image",
            "FRAMES_PER_SECOND": str(settings.frames_per_second),
            "LOOP_VIDEO": str(settings.loop),
            "CONVERT_TO_GRAY": str(settings.gray),
            "RESIZE_WIDTH": str(settings.width),
            "RESIZE_HEIGHT": str(settings.height),
            "SEND": settings.send,
            "SEND_SECONDS": str(settings.send_seconds),
            "ANNOTATE": str(settings.annotate),
            "SHOW_VIDEO": str(viewer is not None),
            **({} if settings.credentials_file is None else {"CAMERA_CREDENTIALS": CREDENTIALS}),
            **({} if settings.ca_file is None else {"CAMERA_CA": CA_FILE}),
        },
        startup_order=2,
        ports=() if viewer is None else (Port(in_module=VIEWER_PORT, on_device=viewer),),
        files=tuple(files),
    )


LAYER = Layer(settings=Settings, needs=needs, content=content)
