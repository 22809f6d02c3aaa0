"""What is done to a frame: its size, its colours, boxes around who is seen, JPEG."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from images.image_capture.detector import Seen
from images.image_capture.opencv import cv2
from images.image_capture.settings import MOST_SIDE, Settings
from images.image_capture.source import Frame

QUALITY = 80
FLOOR = 0.4
"""What is less probable gets no box."""
COLOUR, THICK = (64, 220, 64), 2


def prepared(frame: Frame, settings: Settings) -> Frame:
    """Grey, and of the size that was asked for; of one side alone the other follows, and is held to the same bounds."""
    height, width = frame.shape[:2]
    wide = settings.width or (round(width * settings.height / height) if settings.height else width)
    high = settings.height or (round(height * settings.width / width) if settings.width else height)
    if (wide, high) != (width, height):
        if max(wide, high) > MOST_SIDE:
            raise ValueError(f"of {width} x {height} it would become {wide} x {high}, allowed is a side of {MOST_SIDE}")
        frame = cv2.resize(frame, (max(1, wide), max(1, high)), interpolation=cv2.INTER_AREA)
    if settings.gray and frame.ndim == 3:
        frame = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
    return frame


def jpeg(frame: Frame) -> bytes:
    written, content = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not written:
        raise ValueError(f"a frame of {frame.shape} cannot be written as JPEG")
    return bytes(content)


def annotated(frame: Frame, seen: Sequence[Seen]) -> Frame:
    """A copy with a box and a name around each that is probable enough."""
    drawn: Any = cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR) if frame.ndim == 2 else frame.copy()
    height, width = drawn.shape[:2]
    for one in seen:
        if one.probability < FLOOR:
            continue
        left, top = round(one.left * width), round(one.top * height)
        right, bottom = round((one.left + one.width) * width), round((one.top + one.height) * height)
        cv2.rectangle(drawn, (left, top), (right, bottom), COLOUR, THICK)
        text = f"{one.tag} {one.probability:.0%}"
        place = (left + 3, max(14, top - 5))
        cv2.putText(drawn, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.5, COLOUR, 1, cv2.LINE_AA)
    return drawn
