"""Labels and boxes drawn on the picture that they are about."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

from cli.errors import Refused
from cli.scoring.files import STANDARD_INPUT, media_type
from cli.scoring.marks import Mark

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
_LEAST_SIDE = 320
"""In pixels: of a smaller picture the labels could not be read, so it is drawn larger."""
_GROUND, _INK = (20, 20, 20), (255, 255, 255)
_COLOURS = ((230, 60, 50), (40, 140, 250), (40, 180, 90), (250, 170, 30), (160, 90, 230))


def check_target(target: Path, files: Sequence[str]) -> None:
    """That one picture is sent, and where it can be drawn. Raises Refused, before anything is asked."""
    if target.suffix.lower() not in SUFFIXES:
        raise Refused(f"--draw {str(target)!r} must end in {', '.join(SUFFIXES)}")
    if len(files) != 1 or files[0] == STANDARD_INPUT:
        given = f"{len(files)} files are given" if len(files) > 1 else "none is given by its path"
        raise Refused(f"--draw {str(target)!r} draws on one picture; {given}")
    if not media_type(files[0]).startswith("image/"):
        raise Refused(f"--draw {str(target)!r} draws on a picture; {files[0]!r} is {media_type(files[0])}")
    if not target.absolute().parent.is_dir():
        raise Refused(f"--draw {str(target)!r}: there is no folder {str(target.absolute().parent)!r}")
    if target.is_dir() or (target.exists() and target.samefile(files[0])):
        raise Refused(f"--draw {str(target)!r} is {'a folder' if target.is_dir() else 'the picture itself'}")


def picture_of(file: str) -> Image.Image:
    """Turned as its camera says, as models look at it. Raises Refused."""
    try:
        with Image.open(file) as opened:
            return ImageOps.exif_transpose(opened).convert("RGB")
    except FileNotFoundError as error:
        raise Refused(f"file {file!r} cannot be read: {error.strerror}") from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise Refused(f"picture {file!r} cannot be drawn on: {error}") from error


def draw(picture: Image.Image, marks: Sequence[Mark], target: Path) -> None:
    """Replaces `target`, and leaves it as it was if it cannot be written. Raises Refused."""
    drawn = _drawn(picture, marks)
    buffer = io.BytesIO()
    drawn.save(buffer, {".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}.get(target.suffix.lower(), "PNG"))
    try:
        with tempfile.NamedTemporaryFile(dir=target.absolute().parent, prefix=".edgeway-", delete=False) as part:
            part.write(buffer.getvalue())
        Path(part.name).chmod(0o644)
        Path(part.name).replace(target)
    except OSError as error:
        raise Refused(f"--draw {str(target)!r} cannot be written: {error.strerror}") from error


def _drawn(picture: Image.Image, marks: Sequence[Mark]) -> Image.Image:
    times = max(1, -(-_LEAST_SIDE // min(picture.size)))
    image = picture.resize((picture.width * times, picture.height * times), Image.Resampling.NEAREST)
    pen, high = ImageDraw.Draw(image), 0.0
    size = max(14, min(image.size) // 28)
    colours = {name: _COLOURS[n % len(_COLOURS)] for n, name in enumerate(dict.fromkeys(map(_name, marks)))}
    for mark in marks:
        if mark.box is None:
            high += _text(pen, (0, high), mark.text, size, _GROUND)
        else:
            left, top, right, bottom = _within(mark.box, times, image.size)
            pen.rectangle((left, top, right, bottom), outline=colours[_name(mark)], width=max(2, size // 6))
            _text(pen, (left, max(0.0, top - size * 1.5)), mark.text, size, colours[_name(mark)])
    return image


def _name(mark: Mark) -> str:
    return mark.text.rpartition(" ")[0]


def _within(box: tuple[float, float, float, float], times: int, size: tuple[int, int]) -> tuple[float, ...]:
    """Left before right and top before bottom, whatever the answer says."""
    (left, right), (top, bottom) = sorted((box[0], box[2])), sorted((box[1], box[3]))
    lasts = (size[0] - 1, size[1] - 1) * 2
    return tuple(
        min(max(value * times, 0.0), last) for value, last in zip((left, top, right, bottom), lasts, strict=True)
    )


def _text(
    pen: ImageDraw.ImageDraw, at: tuple[float, float], text: str, size: int, ground: tuple[int, int, int]
) -> float:
    """On a ground of its own, so that it can be read on any picture; answers how high that is."""
    font, inset, high = ImageFont.load_default(size), size / 4, size * 1.5
    pen.rectangle((*at, at[0] + pen.textlength(text, font) + 2 * inset, at[1] + high), fill=ground)
    pen.text((at[0] + inset, at[1] + high / 2), text, _INK, font, anchor="lm")
    return high
