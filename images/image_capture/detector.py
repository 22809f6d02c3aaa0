"""The detector of the device, asked over HTTP by its module's name; its answers are another module's, and checked."""

from __future__ import annotations

import http.client
import json
import logging
import re
import threading
from dataclasses import dataclass, replace
from math import isfinite
from time import monotonic
from typing import Any, NoReturn

from images.image_capture.asking import Connection
from images.image_capture.settings import Endpoint

SECONDS = 10.0
"""For a whole answer."""
BESIDE_SECONDS = 0.1
"""So long a picture waits for a detector that failed before."""
PAUSE_SECONDS = 1.0
"""After a failure: meanwhile pictures are shown as they are."""
MOST_BYTES = 256 * 1024
"""Of an answer; a message of the hub holds no more."""
MOST_SEEN = 1000
MOST_SAID = 200
"""Of its words in our log."""
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
    """As it came: JSON in UTF-8."""
    seen: tuple[Seen, ...]
    model: str = ""
    """Version of the model that found them; empty where the detector does not tell."""


class DetectorFailed(Exception):
    """`kind` is in our words, and said once; what the detector `said` may be another thing each time."""

    def __init__(self, kind: str, said: str = "") -> None:
        # its words are another module's: as they came they could look like lines of the log
        super().__init__(f"{kind}: {said[:MOST_SAID]!r}" if said else kind)
        self.kind = kind


class Detector:
    def __init__(
        self,
        endpoint: Endpoint,
        *,
        seconds: float = SECONDS,
        beside_seconds: float = BESIDE_SECONDS,
        pause_seconds: float = PAUSE_SECONDS,
    ) -> None:
        self._endpoint = endpoint
        self._seconds, self._beside_seconds, self._pause_seconds = seconds, beside_seconds, pause_seconds
        self._connection: Connection | None = None
        self._beside: threading.Thread | None = None
        self._resting_until = 0.0
        self._told = set[str]()
        """Kinds of trouble since it answered last."""
        self._model = ""
        self._tells = True
        """Which model it has; until it fails a detector that does not is not asked again."""

    def ask(self, picture: bytes) -> Answer | None:
        """None while the detector does not answer as it should; the log says why, once."""
        if (self._beside is not None and self._beside.is_alive()) or monotonic() < self._resting_until:
            return None
        return self._ask_beside(picture) if self._told else self._ask(picture)

    def _ask_beside(self, picture: bytes) -> Answer | None:
        """Who failed before may hang again, and pictures are to be shown meanwhile."""
        answers = list[Answer | None]()
        self._beside = threading.Thread(target=lambda: answers.append(self._ask(picture)), daemon=True)
        self._beside.start()
        self._beside.join(self._beside_seconds)
        return answers[0] if answers else None

    def _ask(self, picture: bytes) -> Answer | None:
        try:
            answer = self._answered(picture)
        except DetectorFailed as error:
            self._fails(error)
            return None
        if self._told:
            log.info("the detector answers again")
            self._told.clear()
        return answer

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _answered(self, picture: bytes) -> Answer:
        try:
            return replace(parsed(self._posted(picture)), model=self._model)
        except TimeoutError:
            raise DetectorFailed(f"no whole answer within {self._seconds:g} s") from None
        except OSError as error:
            raise DetectorFailed(str(error) or type(error).__name__) from error
        except http.client.HTTPException as error:
            raise DetectorFailed(f"its answer is no HTTP: {type(error).__name__}", str(error)) from error

    def _posted(self, picture: bytes) -> bytes:
        connection = self._connected()
        headers = {"Content-Type": "application/octet-stream"}
        connection.request("POST", self._endpoint.target, body=picture, headers=headers)
        response = connection.getresponse()
        body = response.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            raise DetectorFailed(f"it answers with more than {MOST_BYTES} bytes")
        if response.status != 200:
            raise DetectorFailed(f"it answers {response.status}", body.decode("utf-8", "replace"))
        return body

    def _connected(self) -> Connection:
        """At each new connection it may be another process that answers, and so another model."""
        if self._connection is None:
            self._connection = Connection(self._endpoint.host, self._endpoint.port)
            self._tells = True
        self._connection.until = monotonic() + self._seconds
        if self._connection.sock is None and self._tells:
            self._model = self._version(self._connection)
            self._tells = bool(self._model)
        return self._connection

    def _version(self, connection: Connection) -> str:
        """Of the model, as our scoring server says it; empty for another detector."""
        connection.request("GET", "/ready")
        response = connection.getresponse()
        body = response.read(MOST_BYTES)
        if not response.isclosed():
            connection.close()  # else what is left of it would be read as the answer to a picture
        if response.status == 503:
            raise DetectorFailed("it is not ready", body.decode("utf-8", "replace"))
        try:
            version = json.loads(body)["version"] if response.status == 200 else ""
        except (ValueError, LookupError, TypeError, RecursionError):
            version = ""
        return version if isinstance(version, str) and _VERSION.fullmatch(version) else ""

    def _fails(self, error: DetectorFailed) -> None:
        self.close()
        self._resting_until = monotonic() + self._pause_seconds
        if error.kind not in self._told:
            log.warning("the detector at %s:%d: %s; trying again", self._endpoint.host, self._endpoint.port, error)
            self._told.add(error.kind)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


_JSON = json.JSONDecoder(parse_constant=_no_constant)


def parsed(body: bytes) -> Answer:
    """Raises DetectorFailed for what is not Custom Vision's body, or no JSON that others could read.

    Python reads more than that: UTF-16, and NaN. https://www.rfc-editor.org/rfc/rfc8259
    """
    try:
        predictions = _JSON.decode(body.decode())["predictions"]
        seen = tuple(_seen(one) for one in predictions[:MOST_SEEN])
    except (ValueError, LookupError, TypeError, RecursionError, OverflowError) as error:
        raise DetectorFailed(f"its answer is none of Custom Vision's: {type(error).__name__}") from error
    return Answer(body, seen)


def _seen(prediction: Any) -> Seen:
    box = prediction["boundingBox"]
    left, top, width, height = (min(1.0, max(0.0, float(box[side]))) for side in ("left", "top", "width", "height"))
    # the text is drawn: letters that the font has not are boxes there, and none may be a line of its own
    tag = "".join(one for one in str(prediction["tagName"])[:64] if one.isprintable())
    probability = float(prediction["probability"])
    if not isfinite(probability):
        raise ValueError(f"a probability is {probability}")
    return Seen(tag=tag, probability=probability, left=left, top=top, width=width, height=height)
