"""Pictures as callers send them, made by Pillow: what is refused, and that all kinds come out alike."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib
from typing import Any

import numpy as np
import pytest
from msgspec import ValidationError
from PIL import Image, ImageOps

from models import pictures
from models.pictures import MOST_PIXELS, MOST_SCANS, centre, opened

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


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def claimed(width: int, height: int, colours: int = 2, more: bytes = b"") -> bytes:
    """A PNG whose head says so, and that holds next to nothing."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colours, 0, 0, 0)) + more
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


def webp(width: int, height: int) -> bytes:
    content = bytearray(saved(Image.new("RGB", (1, 1)), "WEBP", lossless=True))
    place = content.index(b"VP8L") + 9
    (head,) = struct.unpack_from("<I", content, place)
    struct.pack_into("<I", content, place, head & 0xF0000000 | (height - 1) << 14 | (width - 1))
    return bytes(content)


SCAN, END = b"\xff\xda", b"\xff\xd9"


def scanned(times: int, before: bytes = b"") -> bytes:
    """A progressive JPEG whose last scan comes so many times, each after `before`."""
    content = saved(halves(), "JPEG", progressive=True).removesuffix(END)
    return content + (before + content[content.rindex(SCAN) :]) * times + END


def baseline(scans: int) -> bytes:
    """Grey, as one of three colours: each scan has one."""
    content = saved(halves().convert("L"), "JPEG").removesuffix(END)
    frame, scan = content.index(b"\xff\xc0"), content.index(SCAN)
    size = content[frame + 4 : frame + 9]
    three = b"\xff\xc0" + struct.pack(">H", 17) + size + b"\3\1\x11\0\2\x11\0\3\x11\0"
    return content[:frame] + three + content[frame + 13 : scan] + content[scan:] * scans + END


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
        (claimed(70_000, 1), "Expected sides of at most 65,535 pixels, got 70000 x 1"),
        (claimed(1, 1, 3, chunk(b"tRNS", b"\0")), "Expected a whole picture: AssertionError"),
        (webp(5000, 5000), "Expected a WEBP of at most 12,500,000 pixels, got 5000 x 5000"),
        (scanned(30), f"Expected a JPEG of at most {MOST_SCANS} scans, got 40"),
        (scanned(30, before=b"\xff\xfe\0\4" + END), f"Expected a JPEG of at most {MOST_SCANS} scans, got 40"),
        (baseline(30), f"Expected a JPEG of at most {MOST_SCANS} scans, got 30"),
    ],
    ids=[
        "empty", "text", "cut PNG", "cut JPEG", "TIFF", "40 megapixels", "a bomb", "a head without a body", "a line",
        "a palette without colours", "a WEBP of 25 megapixels", "many scans", "many scans after ends that are none",
        "many scans, not progressive",
    ],
)  # fmt: skip
def test_what_is_no_whole_picture_is_refused_with_its_place(content: bytes, reason: str) -> None:
    with pytest.raises(ValidationError, match=rf"{reason}.* - at `\$\[1\]\.content`"):
        opened(content, where="$[1].content")


def test_a_run_that_is_ended_while_it_unpacks_is_no_fault_of_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(image: Image.Image) -> Image.Image:
        raise TimeoutError("run() took too long")

    monkeypatch.setattr(pictures, "_eight_bits", ended)

    with pytest.raises(TimeoutError, match="took too long"):
        opened(saved(halves(), "PNG"), where="$.content")


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (scanned(5), (40, 20)),
        (baseline(3), (40, 20)),
        (saved(halves().convert("CMYK"), "JPEG", progressive=True), (40, 20)),
        (saved(halves(), "JPEG", comment=SCAN * 30), (40, 20)),
        (scanned(0) + SCAN * 30, (40, 20)),
    ],
    ids=["a few more", "a colour each", "CMYK", "in a comment", "a film behind the end"],
)
def test_scans_are_the_pictures_own(content: bytes, size: tuple[int, int]) -> None:
    assert opened(content, where="$").size == size


MEASURED = """
import io, sys
from PIL import Image
from models.pictures import opened

def most() -> int:
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))

content = sys.stdin.buffer.read()
small, exif = io.BytesIO(), Image.Exif()
exif[0x0112] = 6
Image.new("RGB", (9, 9)).save(small, "PNG", exif=exif)
opened(small.getvalue(), where="$")  # Pillow imports what it needs of it
before = most()
opened(content, where="$")
print(1024 * (most() - before))
"""


@pytest.mark.parametrize("mode", ["I;16", "RGBA"])
def test_a_picture_that_is_turned_takes_its_pixels_twice_and_no_more(mode: str) -> None:
    exif, side = Image.Exif(), 2000
    exif[0x0112] = 6
    content = saved(Image.new(mode, (side, side)), "PNG", exif=exif)
    told = subprocess.run([sys.executable, "-c", MEASURED], input=content, capture_output=True, check=True, timeout=60)
    assert int(told.stdout) < 2.3 * 4 * side * side


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
