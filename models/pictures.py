"""A picture as a caller sends it, made safe and equal for a model: it travels in the artifacts of models that see.

What callers send is refused or brought into one form: of a few formats only, not too large to unpack, turned as the
camera says (EXIF), the first frame of an animation, 8 bits of red, green and blue.
https://pillow.readthedocs.io/en/stable/
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from msgspec import ValidationError
from PIL import ExifTags, Image, UnidentifiedImageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
MOST_PIXELS = 25_000_000
"""Of the file's head, before anything is unpacked: 25 megapixels are 75 MB."""
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


def opened(content: bytes, *, where: str, least: int | None = None) -> Image.Image:
    """RGB; raises ValidationError, which names the place, `where`, in the body. `least` is the shorter side that is
    needed: of a large JPEG no more is unpacked than gives that."""
    try:
        image = Image.open(io.BytesIO(content), formats=FORMATS)
        if image.width * image.height > MOST_PIXELS:
            size = f"{image.width} x {image.height}"
            raise ValidationError(f"Expected a picture of at most {MOST_PIXELS:,} pixels, got {size} - at `{where}`")
        if least is not None:
            image.draft("RGB", (least, least))
        image.load()
        turn = _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
        return _eight_bits(image if turn is None else image.transpose(turn))
    except TimeoutError:  # an OSError, too: the server's, which ends what takes too long, and no fault of the picture
        raise
    except UnidentifiedImageError:
        raise ValidationError(f"Expected a picture ({', '.join(FORMATS)}), got something else - at `{where}`") from None
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        if isinstance(error, ValidationError):
            raise
        raise ValidationError(f"Expected a whole picture: {error} - at `{where}`") from error


def _eight_bits(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        # `convert` would cut at 255 instead of scaling
        deep: NDArray[np.int32] = np.asarray(image, np.int32)
        return Image.fromarray((deep >> 8).clip(0, 255).astype(np.uint8)).convert("RGB")
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
