"""Pictures as callers send them, made by Pillow: what is refused, and that all kinds come out alike."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from msgspec import ValidationError
from PIL import Image, ImageOps

from models import pictures
from models.pictures import MOST_PIXELS, centre, opened

RED, BLUE = (250, 10, 10), (10, 10, 250)


def halves(width: int = 40, height: int = 20) -> Image.Image:
    """The left half red, the right half blue."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    return image


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def claimed(width: int, height: int) -> bytes:
    """A PNG whose head says so, and that holds next to nothing."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


def near(image: Image.Image, place: tuple[int, int], colour: tuple[int, int, int]) -> bool:
    found = image.getpixel(place)
    assert isinstance(found, tuple)
    return all(abs(one - other) < 40 for one, other in zip(found, colour, strict=True))


def frames() -> bytes:
    others = [Image.new("RGB", (40, 20), "green")]
    return saved(halves(), "GIF", save_all=True, append_images=others)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(saved(halves(), "PNG"), id="PNG"),
        pytest.param(saved(halves(), "JPEG", quality=95), id="JPEG"),
        pytest.param(saved(halves(), "WEBP", lossless=True), id="WEBP"),
        pytest.param(saved(halves(), "BMP"), id="BMP"),
        pytest.param(frames(), id="animated GIF: its first frame"),
        pytest.param(saved(halves().convert("CMYK"), "JPEG", quality=95), id="CMYK"),
        pytest.param(saved(halves().convert("RGBA"), "PNG"), id="RGBA"),
        pytest.param(saved(halves().quantize(8), "PNG"), id="palette"),
    ],
)
def test_every_kind_comes_out_as_red_green_blue(content: bytes) -> None:
    image = opened(content, where="$")
    assert (image.mode, image.size) == ("RGB", (40, 20))
    assert near(image, (5, 10), RED)
    assert near(image, (35, 10), BLUE)


def test_sixteen_bits_are_scaled_and_not_cut() -> None:
    deep = Image.fromarray(np.full((4, 4), 128 << 8, np.uint16))
    assert opened(saved(deep, "PNG"), where="$").getpixel((0, 0)) == (128, 128, 128)


def test_a_picture_is_turned_as_its_camera_says() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: the top of the file is the right side
    image = opened(saved(halves(), "JPEG", quality=95, exif=exif), where="$")
    assert image.size == (20, 40)
    assert near(image, (10, 5), RED)
    assert near(image, (10, 35), BLUE)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Expected a picture"),
        (b"no picture at all", r"Expected a picture \(JPEG, PNG, WEBP, GIF, BMP\), got something else"),
        (saved(halves(), "PNG")[:60], "Expected a whole picture"),
        (saved(halves(400, 200), "JPEG")[:900], "Expected a whole picture: image file is truncated"),
        (saved(halves(), "TIFF"), "got something else"),
        (claimed(8000, 5000), r"at most 25,000,000 pixels, got 8000 x 5000"),
        (claimed(60000, 60000), "Expected a "),
        (claimed(4000, 4000), "Expected a whole picture"),
    ],
    ids=["empty", "text", "cut PNG", "cut JPEG", "TIFF", "40 megapixels", "a bomb", "a head without a body"],
)
def test_what_is_no_whole_picture_is_refused_with_its_place(content: bytes, reason: str) -> None:
    with pytest.raises(ValidationError, match=rf"{reason}.* - at `\$\[1\]\.content`"):
        opened(content, where="$[1].content")


def test_a_run_that_is_ended_while_it_unpacks_is_no_fault_of_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(image: Image.Image) -> Image.Image:
        raise TimeoutError("run() took too long")

    monkeypatch.setattr(pictures, "_eight_bits", ended)

    with pytest.raises(TimeoutError, match="took too long"):
        opened(saved(halves(), "PNG"), where="$.content")


def test_the_middle_is_taken_as_of_a_picture_of_the_wanted_size() -> None:
    wide = Image.new("RGB", (300, 100), "white")
    wide.paste(RED, (100, 0, 200, 100))
    middle = centre(wide, 50, of=50)
    assert middle.shape == (50, 50, 3)
    assert middle.dtype == np.dtype("u1")
    assert (np.abs(middle.astype(int) - RED) < 60).all()
    assert centre(wide, 10, of=50).shape == (10, 10, 3)


def test_a_large_jpeg_is_unpacked_only_as_far_as_needed() -> None:
    content = saved(halves(1600, 1200), "JPEG")
    assert opened(content, where="$", least=232).size == (400, 300)
    assert opened(content, where="$").size == (1600, 1200)
    assert MOST_PIXELS > 1600 * 1200


@pytest.mark.parametrize("orientation", range(1, 9))
def test_each_way_to_hold_a_camera_is_turned_as_pillow_turns_it(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = saved(halves(), "PNG", exif=exif)
    found, expected = opened(content, where="$"), ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
    assert (found.size, found.tobytes()) == (expected.size, expected.tobytes())


def test_what_else_is_in_a_cameras_notes_is_not_read() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    content = bytearray(saved(halves(), "JPEG", quality=95, exif=exif))
    entry = content.index(b"\x12\x01\x03\x00") if b"\x12\x01\x03\x00" in content else content.index(b"\x01\x12\x00\x03")
    assert opened(bytes(content), where="$").size == (20, 40)
    content[entry + 2 : entry + 4] = b"\xff\xff"  # of no type that there is
    assert opened(bytes(content), where="$").mode == "RGB"
