"""A picture as a caller sends it, made safe and equal for a model: it travels in the artifacts of models that see.

What callers send is refused or brought into one form: of a few formats only, not too large to unpack, turned as the
camera says (EXIF), the first frame of an animation, 8 bits of red, green and blue.
https://pillow.readthedocs.io/en/stable/
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import numpy as np
from msgspec import ValidationError
from PIL import ExifTags, Image, UnidentifiedImageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
MOST_PIXELS = 25_000_000
"""Of the file's head, before anything is unpacked: Pillow takes 4 bytes a pixel, 100 MB, and as many to turn it."""
MOST_PIXELS_OF_WEBP = 12_500_000
"""Four whole copies are held while one is unpacked, which 34 bytes can ask for."""
MOST_SIDE = 65_535
"""JPEG's own; PNG and BMP know no such limit, and of a picture one pixel wide the rows take more than the pixels."""
MOST_SCANS = 20
"""Each goes over the whole picture, up to 50 ms of 25 megapixels, for 10 bytes, and libjpeg hears no time-out in
between; what it writes itself has 10, and 18 of CMYK."""
# of EXIF 2.3; not `ImageOps.exif_transpose`, which writes all else in the EXIF anew and fails at what it cannot write
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# those whose length follows, and the end; what else begins with FF is compressed data or stands alone
_MARKER = re.compile(rb"\xff([\xc0-\xcf\xd9-\xfe])")
_END, _SCAN, _SEQUENTIAL = b"\xd9", b"\xda", (b"\xc0", b"\xc1", b"\xc9")


def opened(content: bytes, *, where: str, least: int | None = None) -> Image.Image:
    """RGB; raises ValidationError, which names the place, `where`, in the body. `least` is the shorter side that is
    needed: of a large JPEG no more is unpacked than gives that."""
    try:
        image: Image.Image = Image.open(io.BytesIO(content), formats=FORMATS)
        _check_size(image, where)
        _check_scans(content, where)
        if least is not None:
            image.draft("RGB", (least, least))
        image.load()
        turn = _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
        # in this order, and by one name: what is turned is small, and what was unpacked is let go of before
        image = _eight_bits(image)
        return image if turn is None else image.transpose(turn)
    except (ValidationError, MemoryError):
        raise
    except TimeoutError:  # an OSError, too: the server's, which ends what takes too long, and no fault of the picture
        raise
    except UnidentifiedImageError:
        raise ValidationError(f"Expected a picture ({', '.join(FORMATS)}), got something else - at `{where}`") from None
    except Exception as error:  # of a broken file Pillow raises whatever its readers ran into, an AssertionError, too
        reason = str(error) or type(error).__name__
        raise ValidationError(f"Expected a whole picture: {reason} - at `{where}`") from error


def _check_size(image: Image.Image, where: str) -> None:
    size = f"{image.width} x {image.height}"
    most = MOST_PIXELS_OF_WEBP if image.format == "WEBP" else MOST_PIXELS
    if image.width * image.height > most:
        raise ValidationError(f"Expected a {image.format} of at most {most:,} pixels, got {size} - at `{where}`")
    if max(image.size) > MOST_SIDE:
        raise ValidationError(f"Expected sides of at most {MOST_SIDE:,} pixels, got {size} - at `{where}`")


def _check_scans(content: bytes, where: str) -> None:
    if content.startswith(b"\xff\xd8") and (found := _scans(content)) > MOST_SCANS:
        raise ValidationError(f"Expected a JPEG of at most {MOST_SCANS} scans, got {found:,} - at `{where}`")


def _scans(content: bytes) -> int:
    """From marker to marker, as libjpeg goes: what EXIF holds, and what is behind the end (phones put films there), is
    not the picture's. One with all colours is all that is read, if not progressive: that costs no look at the rest."""
    found, place, colours = 0, 0, b""
    while (marker := _MARKER.search(content, place)) and marker[1] != _END:
        rest = content[marker.end() : marker.end() + 8]
        if marker[1] in _SEQUENTIAL:
            colours = rest[7:8]
        if marker[1] == _SCAN:
            found += 1
            if colours and colours == rest[2:3]:
                break
        place = marker.end() + max(2, int.from_bytes(rest[:2]))
    return found


def _eight_bits(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        # `convert` alone would cut at 255 instead of scaling
        image = image.point(lambda deep: deep / 256).convert("L")
    return image if image.mode == "RGB" else image.convert("RGB")


def centre(image: Image.Image, side: int, *, of: int) -> NDArray[np.uint8]:
    """The middle `side` x `side` pixels (uint8, height x width x 3) of the picture whose shorter side is `of`."""
    inner = min(image.size) * side / of
    left, top = (image.width - inner) / 2, (image.height - inner) / 2
    box = (left, top, left + inner, top + inner)
    return np.asarray(image.resize((side, side), Image.Resampling.BILINEAR, box=box))


def fitted(image: Image.Image, width: int, height: int) -> NDArray[np.uint8]:
    """The whole picture as `width` x `height` pixels (uint8, height x width x 3), whatever its shape was."""
    if image.size != (width, height):
        image = image.resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(image)
