"""Figures of people, drawn, and what is no person beside them: poses, clothes and skins of a generator's choice."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PIL import ImageDraw

Colour = tuple[int, int, int]
Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""

SKINS = ((255, 224, 189), (234, 192, 134), (198, 134, 66), (141, 85, 36), (86, 50, 25))


@dataclass(slots=True)
class Ink:
    """Draws, and keeps how far what was drawn reaches."""

    draw: ImageDraw.ImageDraw
    xs: list[float] = field(default_factory=list)
    ys: list[float] = field(default_factory=list)

    def ellipse(self, box: Box, colour: Colour) -> None:
        self.draw.ellipse(box, fill=colour)
        self.xs += box[::2]
        self.ys += box[1::2]

    def limb(self, start: Point, end: Point, width: float, colour: Colour) -> None:
        self.draw.line((start, end), fill=colour, width=max(1, int(width)))
        for x, y in (start, end):
            self.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), colour)

    def polygon(self, points: list[Point], colour: Colour) -> None:
        self.draw.polygon(points, fill=colour)
        self.xs += [x for x, _ in points]
        self.ys += [y for _, y in points]

    @property
    def box(self) -> Box:
        return min(self.xs), min(self.ys), max(self.xs), max(self.ys)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Body:
    """Lengths in pixels; places are those of the picture."""

    height: float
    middle: float
    neck: float
    shoulders: float
    """Half of their width, as of the hips."""
    hips: float
    crotch: float
    sway: float


def person(rng: np.random.Generator, draw: ImageDraw.ImageDraw, middle: float, top: float, height: float) -> Box:
    """Standing or walking, the head's top at (middle, top); the box of what was drawn."""
    ink = Ink(draw)
    skin = SKINS[rng.integers(len(SKINS))]
    shirt, trousers, hair = colour(rng), colour(rng, 160), colour(rng, 120)
    shoulders = height * 0.12 * rng.uniform(0.8, 1.35)
    body = _Body(
        height=height, middle=middle, neck=top + height * 0.14, shoulders=shoulders, hips=shoulders * 0.75,
        crotch=top + height * 0.52, sway=rng.uniform(-0.03, 0.03) * height,
    )  # fmt: skip
    _legs(rng, ink, body, top + height, trousers)
    for side in (-1, 1):
        _arm(rng, ink, body, side, shirt, skin)
    _trunk(ink, body, shirt)
    _head(rng, ink, body, top, skin, hair)
    return ink.box


def _legs(rng: np.random.Generator, ink: Ink, body: _Body, foot: float, trousers: Colour) -> None:
    width, step = body.height * 0.075, body.height * rng.uniform(0, 0.12)
    for side, reach in ((-1, 1.0), (1, rng.uniform(0.2, 1))):
        hip = (body.middle + side * body.hips * 0.5 + body.sway, body.crotch)
        end = (body.middle + body.sway + side * (step * reach + body.hips * 0.4), foot - width / 2)
        ink.limb(hip, end, width, trousers)


def _arm(rng: np.random.Generator, ink: Ink, body: _Body, side: int, shirt: Colour, skin: Colour) -> None:
    angle = rng.uniform(-0.5, 1.5) if rng.random() < 0.8 else rng.uniform(1.5, 2.8)
    bent = angle + rng.uniform(-1.2, 1.2)
    width, length = body.height * 0.055, body.height * 0.17
    shoulder = (body.middle + side * body.shoulders * 0.85, body.neck + body.height * 0.05)
    elbow = (shoulder[0] + side * length * np.sin(angle), shoulder[1] + length * np.cos(angle))
    hand = (elbow[0] + side * length * np.sin(bent) * 0.9, elbow[1] + length * np.cos(bent) * 0.9)
    ink.limb(shoulder, elbow, width, shirt)
    ink.limb(elbow, hand, width * 0.85, skin)


def _trunk(ink: Ink, body: _Body, shirt: Colour) -> None:
    above, below = body.neck + body.height * 0.03, body.crotch + body.height * 0.02
    left, right = body.middle - body.shoulders, body.middle + body.shoulders
    inner = body.shoulders * 0.7
    hips = (body.middle + body.sway - body.hips, body.middle + body.sway + body.hips)
    ink.polygon(
        [
            (left, above), (body.middle - inner, body.neck), (body.middle + inner, body.neck), (right, above),
            (hips[1], below), (hips[0], below),
        ],
        shirt,
    )  # fmt: skip


def _head(rng: np.random.Generator, ink: Ink, body: _Body, top: float, skin: Colour, hair: Colour) -> None:
    half, throat = body.height * 0.065 * rng.uniform(0.9, 1.15), body.height * 0.025
    lower = (body.middle - throat, body.neck - throat * 1.2, body.middle + throat, body.neck + throat * 0.8)
    ink.draw.rectangle(lower, fill=skin)
    ink.ellipse((body.middle - half, top, body.middle + half, body.neck), skin)
    wider = half * 1.05
    ink.draw.chord((body.middle - wider, top - 1, body.middle + wider, body.neck), 180, 360, fill=hair)


def distractor(rng: np.random.Generator, draw: ImageDraw.ImageDraw, side: int) -> None:
    """A post, a ball, a tree, a rod or a tent somewhere in a picture of `side` pixels."""
    x, y = (int(one) for one in rng.integers(0, side, 2))
    size = int(side * rng.uniform(0.02, 0.2))
    of = colour(rng)
    kind = rng.integers(5)
    if kind == 0:
        draw.rectangle((x, y, x + size // 3, y + size), fill=of)
    elif kind == 1:
        draw.ellipse((x, y, x + size // 2, y + size // 2), fill=of)
    elif kind == 2:
        draw.rectangle((x, y + size // 3, x + size // 6, y + size), fill=colour(rng, 100))
        draw.ellipse((x - size // 4, y, x + size // 3, y + size // 2), fill=of)
    elif kind == 3:
        draw.line([(x, y), (x + int(rng.integers(-size - 1, size + 1)), y + size)], fill=of, width=max(1, size // 12))
    else:
        draw.polygon([(x, y), (x + size // 2, y + size), (x - size // 2, y + size)], fill=of)


def colour(rng: np.random.Generator, below: int = 256) -> Colour:
    red, green, blue = (int(one) for one in rng.integers(0, below, 3))
    return red, green, blue
