"""Two threads: one reads the newest frame, the other has it looked at. Each waits for nothing but its own work."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic
from typing import Protocol

from images.image_capture.detector import Answer
from images.image_capture.newest import Newest
from images.image_capture.pictures import annotated, jpeg, prepared
from images.image_capture.settings import Settings
from images.image_capture.source import Frame, SourceFailed

LEAST_PAUSE, MOST_PAUSE = 0.5, 10.0
"""Seconds between two tries of a source, doubled at each."""
TURN_SECONDS = 0.5
LEAST_RATE = 0.1
"""Frames a second that a file is believed to have: one that says less would be a picture that stands still."""

log = logging.getLogger("image_capture")


class Reads(Protocol):
    live: bool
    name: str
    rate: float

    def frames(self) -> Iterator[Frame]: ...


class Asks(Protocol):
    def ask(self, picture: bytes) -> Answer | None: ...


@dataclass(frozen=True, slots=True)
class Looked:
    picture: bytes
    """JPEG, with boxes where they are asked for."""
    answer: Answer | None


class Reader:
    """Keeps the newest frame, at most so many a second."""

    def __init__(self, source: Reads, settings: Settings, *, least_pause: float = LEAST_PAUSE) -> None:
        self._source, self._settings = source, settings
        self._least_pause = least_pause
        self._stopping = threading.Event()
        self._due = monotonic()
        """Of the next frame, also of the next pass: one may be a single picture."""
        self.frames = Newest[Frame]()
        self.ended = threading.Event()
        """A file that is not looped has been read to its end."""

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        pause, told = self._least_pause, ""
        while not self._stopping.is_set():
            try:
                for frame in self._paced():
                    pause, told = self._least_pause, ""
                    self.frames.put(frame)
                    if self._stopping.is_set():
                        return
            except SourceFailed as error:
                if str(error) != told:
                    log.warning("%s; trying again", error)
                    told = str(error)
                self._stopping.wait(pause)
                pause = min(MOST_PAUSE, pause * 2)
                continue
            if not self._settings.loop:
                log.info("%s is read to its end, and nothing more will come", self._source.name)
                self.ended.set()
                self._stopping.wait()

    def _paced(self) -> Iterator[Frame]:
        """A file waits for the time of its next frame; of what comes by itself the frames between are let go."""
        if self._source.live:
            self._due = monotonic()
        for frame in self._source.frames():
            if not self._source.live:
                self._stopping.wait(max(0.0, self._due - monotonic()))
            elif monotonic() < self._due:
                continue
            between = 1 / self._rate()
            self._due = max(self._due + between, monotonic() - between)
            yield frame

    def _rate(self) -> float:
        own, most = self._source.rate, self._settings.frames_per_second
        return own if not self._source.live and LEAST_RATE <= own < most else most


class Looker:
    """Each newest frame, prepared, looked at and handed on."""

    def __init__(
        self,
        frames: Newest[Frame],
        detector: Asks | None,
        settings: Settings,
        hand_on: Callable[[Looked], None],
        watched: Callable[[], bool],
    ) -> None:
        """Both are called in this thread. Where nobody watches nothing is drawn: the detector has had its JPEG, and
        another one would be for nobody."""
        self._frames, self._detector, self._settings, self._hand_on = frames, detector, settings, hand_on
        self._watched = watched
        self._stopping = threading.Event()
        self._told = ""
        self.looked = 0

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        while not self._stopping.is_set():
            if (frame := self._frames.take(TURN_SECONDS)) is not None:
                self._look(frame)

    def _look(self, frame: Frame) -> None:
        try:
            frame = prepared(frame, self._settings)
            picture = jpeg(frame)
            answer = None if self._detector is None else self._detector.ask(picture)
            if answer is not None and answer.seen and self._settings.annotate and self._watched():
                picture = jpeg(annotated(frame, answer.seen))
        except Exception as error:  # of OpenCV, for a frame of a size or form that it cannot take
            if str(error) != self._told:
                log.warning("a frame is left out: %s", error)
                self._told = str(error)
            return
        self.looked += 1
        if self._settings.verbose and answer is not None:
            log.info("frame %d: %d seen, %d frames missed", self.looked, len(answer.seen), self._frames.missed)
        self._hand_on(Looked(picture, answer))
