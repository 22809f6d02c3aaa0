"""Pictures without a camera: a figure that walks to and fro before a plain ground, and at times nobody."""

from __future__ import annotations

from collections.abc import Iterator
from math import cos, pi, sin
from typing import Any

import numpy as np

from images.image_capture.opencv import cv2

WIDTH, HEIGHT = 640, 480
STEPS, AWAY = 200, 40
"""Frames of one walk to and fro, and after it without anybody."""
_SKIN, _SHIRT, _TROUSERS = (134, 192, 234), (60, 60, 190), (90, 50, 30)


def pattern() -> Iterator[Any]:
    """One walk."""
    for step in range(STEPS + AWAY):
        frame = _ground()
        if step < STEPS:
            _figure(frame, WIDTH / 2 + (WIDTH / 2 - 80) * sin(2 * pi * step / STEPS), step)
        yield frame


def _ground() -> Any:
    rows = np.linspace(200, 120, HEIGHT, dtype=np.uint8)
    frame = np.repeat(rows[:, None], WIDTH, axis=1)
    return np.repeat(frame[:, :, None], 3, axis=2)


def _figure(frame: Any, middle: float, step: int) -> None:
    height, top = 260, 130
    swing = 24 * cos(step / 3)
    neck, hips, foot = (int(top + height * share) for share in (0.16, 0.52, 1.0))
    x = int(middle)
    for side in (-1, 1):
        cv2.line(frame, (x + side * 12, hips), (x + int(side * swing), foot), _TROUSERS, 20)
        hand = (x + int(side * (34 + swing / 3)), hips)
        cv2.line(frame, (x + side * 30, neck + 14), hand, _SHIRT, 15)
        cv2.circle(frame, hand, 8, _SKIN, -1)
    cv2.rectangle(frame, (x - 32, neck), (x + 32, hips + 6), _SHIRT, -1)
    cv2.ellipse(frame, (x, top + 20), (17, 21), 0, 0, 360, _SKIN, -1)
    cv2.ellipse(frame, (x, top + 12), (18, 15), 0, 180, 360, (30, 30, 40), -1)
