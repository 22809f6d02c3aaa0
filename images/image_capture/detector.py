"""The detector of the device, asked over HTTP by its module's name; its answers are another module's, and checked."""

from __future__ import annotations

import http.client
import json
import logging
import re
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any

from images.image_capture.settings import Endpoint

SECONDS = 10.0
PAUSE_SECONDS = 1.0
"""After a failure: meanwhile pictures are shown as they are."""
MOST_BYTES = 256 * 1024
"""Of an answer; a message of the hub holds no more."""
MOST_SEEN = 1000
_VERSION = re.compile(r"[0-9A-Za-z._-]{1,64}")

log = logging.getLogger("image_capture.detector")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Sides as shares of the picture."""

    tag: str
    probability: float
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Answer:
    body: bytes
    """As it came."""
    seen: tuple[Seen, ...]
    model: str = ""
    """Version of the model that found them; empty where the detector does not tell."""


class Detector:
    def __init__(self, endpoint: Endpoint, *, pause_seconds: float = PAUSE_SECONDS) -> None:
        self._endpoint = endpoint
        self._pause_seconds = pause_seconds
        self._connection: http.client.HTTPConnection | None = None
        self._resting_until = 0.0
        self._failing = ""
        self._model = ""
        self._tells = True
        """Which model it has; until it fails a detector that does not is not asked again."""

    def ask(self, picture: bytes) -> Answer | None:
        """None while the detector does not answer as it should; the log says why, once."""
        if monotonic() < self._resting_until:
            return None
        try:
            answer = replace(parsed(self._posted(picture)), model=self._model)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._fails(str(error) or type(error).__name__)
            return None
        if self._failing:
            log.info("the detector answers again")
            self._failing = ""
        return answer

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _posted(self, picture: bytes) -> bytes:
        connection = self._connected()
        headers = {"Content-Type": "application/octet-stream"}
        connection.request("POST", self._endpoint.target, body=picture, headers=headers)
        response = connection.getresponse()
        body = response.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            raise ValueError(f"it answers with more than {MOST_BYTES} bytes")
        if response.status != 200:
            raise ValueError(f"it answers {response.status}: {body[:200].decode('utf-8', 'replace')}")
        return body

    def _connected(self) -> http.client.HTTPConnection:
        """At each new connection it may be another process that answers, and so another model."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection(self._endpoint.host, self._endpoint.port, timeout=SECONDS)
            self._tells = True
        if self._connection.sock is None and self._tells:
            self._model = self._version(self._connection)
            self._tells = bool(self._model)
        return self._connection

    def _version(self, connection: http.client.HTTPConnection) -> str:
        """Of the model, as our scoring server says it; empty for another detector."""
        connection.request("GET", "/ready")
        response = connection.getresponse()
        body = response.read(MOST_BYTES)
        response.close()
        if response.status == 503:
            raise ValueError(f"it is not ready: {body[:200].decode('utf-8', 'replace')}")
        try:
            version = json.loads(body)["version"] if response.status == 200 else ""
        except (ValueError, LookupError, TypeError, RecursionError):
            version = ""
        return version if isinstance(version, str) and _VERSION.fullmatch(version) else ""

    def _fails(self, why: str) -> None:
        self.close()
        self._resting_until = monotonic() + self._pause_seconds
        if why != self._failing:
            log.warning("the detector at %s:%d: %s; trying again", self._endpoint.host, self._endpoint.port, why)
            self._failing = why


def parsed(body: bytes) -> Answer:
    """Raises ValueError for what is not Custom Vision's body."""
    try:
        predictions = json.loads(body)["predictions"]
        seen = tuple(_seen(one) for one in predictions[:MOST_SEEN])
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise ValueError(f"its answer is none of Custom Vision's: {type(error).__name__}") from error
    return Answer(body, seen)


def _seen(prediction: Any) -> Seen:
    box = prediction["boundingBox"]
    left, top, width, height = (min(1.0, max(0.0, float(box[side]))) for side in ("left", "top", "width", "height"))
    # the text is drawn: letters that the font has not are boxes there, and none may be a line of its own
    tag = "".join(one for one in str(prediction["tagName"])[:64] if one.isprintable())
    return Seen(tag=tag, probability=float(prediction["probability"]), left=left, top=top, width=width, height=height)
