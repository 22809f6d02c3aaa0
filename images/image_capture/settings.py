"""Environment of the module: the names that its users know, and few beside them; a wrong value is refused.

VIDEO_PATH: a file, a folder of pictures, a camera (`0`, `/dev/video0`), `rtsp://host/path`, or `pattern`. A URL names
no user: who may look stands in a file of the device, `user:password`, and so in no manifest, twin, environment or log.
What is reached by TLS (`rtsps`) shows a certificate of the CAs in the file of CAMERA_CA, else of those of the image.
"""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode, urlsplit

from images.sending.settings import SettingsError

PATTERN = "pattern"
"""A figure that walks, drawn here: to try everything else without a camera."""
CAMERA = re.compile(r"\d{1,3}|/dev/video\d{1,3}")
STREAM = re.compile(
    r"(?ai)rtsps?://((?P<host>[\w.-]+)|\[(?P<six>[0-9a-f:.]*:[0-9a-f:.]*)\])(:(?P<port>\d{1,5}))?([/?]\S*)?"
)
MOST_PORT = 65535
SYSTEMS_CAS = Path("/etc/ssl/certs/ca-certificates.crt")
MOST_SIDE = 4096
MOST_PIXELS = MOST_SIDE * MOST_SIDE
"""Of a frame: some are held at once, with 3 bytes for each pixel."""
MOST_FRAMES, MOST_SECONDS = 60.0, 86_400.0
_TRUTH = {"true": True, "1": True, "false": False, "0": False}

Send = Literal["change", "interval"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Of the detector."""

    host: str
    port: int
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    video: str
    credentials: Path | None = None
    """For a stream: the file with `user:password`; read at each connect."""
    ca_file: Path = SYSTEMS_CAS
    """Of whom the certificate of a stream over TLS (`rtsps`) must be; PEM."""
    endpoint: Endpoint | None = None
    """None: nothing is detected, the pictures are only shown."""
    loop: bool = True
    gray: bool = False
    width: int = 0
    """0: as it comes, or as the other side has it."""
    height: int = 0
    frames_per_second: float = 10.0
    """At the most."""
    send: Send = "change"
    """Of who is seen, or whatever it is."""
    send_seconds: float = 1.0
    """The least time between two messages."""
    show: bool = True
    """The viewer, at its port."""
    annotate: bool = True
    verbose: bool = False


def read_settings(environ: Mapping[str, str]) -> Settings:
    default = Settings(video="")
    ca_file = environ.get("CAMERA_CA", "")
    return Settings(
        video=_video(environ.get("VIDEO_PATH", ""), has_ca=bool(ca_file)),
        credentials=Path(file) if (file := environ.get("CAMERA_CREDENTIALS", "")) else None,
        ca_file=Path(ca_file) if ca_file else default.ca_file,
        endpoint=_endpoint(environ),
        loop=_truth(environ, "LOOP_VIDEO", default.loop),
        gray=_truth(environ, "CONVERT_TO_GRAY", default.gray),
        width=int(_number(environ, "RESIZE_WIDTH", 0, 0, MOST_SIDE, whole=True)),
        height=int(_number(environ, "RESIZE_HEIGHT", 0, 0, MOST_SIDE, whole=True)),
        frames_per_second=_number(environ, "FRAMES_PER_SECOND", default.frames_per_second, 0.01, MOST_FRAMES),
        send=_send(environ.get("SEND", default.send)),
        send_seconds=_number(environ, "SEND_SECONDS", default.send_seconds, 0, MOST_SECONDS),
        show=_truth(environ, "SHOW_VIDEO", default.show),
        annotate=_truth(environ, "ANNOTATE", default.annotate),
        verbose=_truth(environ, "VERBOSE", default.verbose),
    )


def over_tls(video: str) -> bool:
    return video.lower().startswith("rtsps://")


def is_address(host: str) -> bool:
    """As who connects sees it: `127.1` is one, too."""
    try:
        return bool(socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST))
    except (OSError, UnicodeError):
        return False


def _video(given: str, *, has_ca: bool) -> str:
    """What is refused is not repeated: a password may stand in it."""
    allowed = "allowed are a file, a folder of pictures, a camera as /dev/video0, rtsp://host/path, or pattern"
    text = given.strip()
    if not text:
        raise SettingsError(f"VIDEO_PATH is missing, {allowed}")
    if "://" in text:
        return _stream(text, allowed, has_ca=has_ca)
    if text.startswith("//") or (text[0] not in "/." and re.search("[:@]|//", text)):
        raise SettingsError(f"VIDEO_PATH is no URL, and a file with : or @ begins with / or ./, {allowed}")
    return text


def _stream(text: str, allowed: str, *, has_ca: bool) -> str:
    if "@" in text:
        raise SettingsError("VIDEO_PATH has a user in its URL; put user:password into the file of CAMERA_CREDENTIALS")
    parts = STREAM.fullmatch(text)
    if not parts or not 0 < int(parts["port"] or 1) <= MOST_PORT or (parts["six"] and not is_address(parts["six"])):
        scheme = re.match(r"[\w+.-]*://", text, re.ASCII)
        raise SettingsError(f"VIDEO_PATH is no URL that is read ({scheme[0] if scheme else ''}...), {allowed}")
    if over_tls(text) and not has_ca and is_address(parts["six"] or parts["host"]):
        raise SettingsError(
            "VIDEO_PATH is rtsps:// with an address, and a certificate is held to names alone; name its CA in CAMERA_CA"
        )
    return text


def _endpoint(environ: Mapping[str, str]) -> Endpoint | None:
    text = environ.get("IMAGE_PROCESSING_ENDPOINT", "").strip()
    if not text:
        return None
    try:
        parts = urlsplit(text)
        port = parts.port or 80
    except ValueError:
        parts, port = urlsplit(""), 0
    if "@" in text:
        raise SettingsError("IMAGE_PROCESSING_ENDPOINT has a user in its URL, allowed is http://module:port/path")
    if parts.scheme != "http" or not parts.hostname or parts.query or parts.fragment:
        shown = text.partition("?")[0]
        raise SettingsError(
            f"IMAGE_PROCESSING_ENDPOINT is {shown!r}, allowed is http://module:port/path, without a user or a query"
        )
    query = _params(environ.get("IMAGE_PROCESSING_PARAMS", ""))
    return Endpoint(host=parts.hostname, port=port, target=(parts.path or "/") + (f"?{query}" if query else ""))


def _params(text: str) -> str:
    if not text.strip():
        return ""
    try:
        params = json.loads(text)
        return urlencode(params) if isinstance(params, dict) else _no_params(text)
    except (ValueError, TypeError):
        return _no_params(text)


def _no_params(text: str) -> str:
    raise SettingsError(f"IMAGE_PROCESSING_PARAMS is {text!r}, allowed is a JSON object of the query's fields")


def _send(text: str) -> Send:
    if text == "change":
        return "change"
    if text == "interval":
        return "interval"
    raise SettingsError(f"SEND is {text!r}, allowed are change and interval")


def _truth(environ: Mapping[str, str], name: str, default: bool) -> bool:
    text = environ.get(name, "").strip() or str(default)
    if text.lower() not in _TRUTH:
        raise SettingsError(f"{name} is {text!r}, allowed are true and false")
    return _TRUTH[text.lower()]


def _number(
    environ: Mapping[str, str], name: str, default: float, least: float, most: float, *, whole: bool = False
) -> float:
    text = environ.get(name, "").strip() or str(default)
    try:
        number = int(text) if whole else float(text)
    except ValueError:
        number = -1
    if not least <= number <= most:
        kind = "whole number" if whole else "number"
        raise SettingsError(f"{name} is {text!r}, allowed is a {kind} from {least:g} to {most:g}")
    return number
