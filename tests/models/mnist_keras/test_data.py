"""The digits: bundled, CSV, MNIST's archive."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
import pytest

from models.mnist_keras.data import (
    HEADER,
    PIXELS,
    bicubic_weights,
    bundled,
    enlarged,
    from_archive,
    main,
    parse_csv,
    to_csv,
)
from models.source import DataError

BUNDLED = to_csv(bundled())
ROW = BUNDLED.split(b"\n")[1]


def with_row(row: bytes) -> bytes:
    return BUNDLED + row + b"\n"


def archive(**changed: np.ndarray) -> bytes:
    rng = np.random.default_rng(0)
    arrays = {
        "x_train": rng.integers(0, 256, (150, 28, 28), dtype=np.uint8),
        "y_train": np.arange(150, dtype=np.uint8) % 10,
        "x_test": rng.integers(0, 256, (50, 28, 28), dtype=np.uint8),
        "y_test": np.arange(50, dtype=np.uint8) % 10,
    }
    out = io.BytesIO()
    np.savez(out, **{**arrays, **changed})  # type: ignore[arg-type]
    return out.getvalue()


def test_the_bundled_digits_give_the_same_bytes_on_every_machine() -> None:
    # a changed hash means other data for everyone: never change it in passing
    assert hashlib.sha256(BUNDLED).hexdigest() == "0e3386b4b292e233ab6843f04fd9460cf2f98c9b4175607da0f74a817d6cdce8"


def test_what_is_written_is_read_back() -> None:
    digits = bundled(rows=200)
    read = parse_csv(to_csv(digits))
    assert (read.images == digits.images).all()
    assert (read.labels == digits.labels).all()


def test_a_digit_fills_the_middle_twenty_pixels() -> None:
    images = bundled().images
    assert images[:, 4:24, 4:24].max() == 255
    assert images.sum() == images[:, 4:24, 4:24].sum(dtype=np.int64)


def test_enlarging_keeps_a_flat_picture_flat_and_a_mirrored_one_mirrored() -> None:
    flat = np.full((1, 8, 8), 200)
    assert (enlarged(flat) == 200).all()
    random = np.random.default_rng(0).integers(0, 256, (5, 8, 8))
    assert (enlarged(random[:, ::-1]) == enlarged(random)[:, ::-1]).all()
    assert abs(bicubic_weights(8, 20).sum(axis=1) - 2**22).max() <= 2


def test_a_seed_shuffles_and_rows_limits() -> None:
    assert to_csv(bundled(seed=1)) != BUNDLED
    assert sorted(to_csv(bundled(seed=1)).split(b"\n")) == sorted(BUNDLED.split(b"\n"))
    assert to_csv(bundled(rows=100)) == b"\n".join([*BUNDLED.split(b"\n")[:101], b""])


def test_a_byte_order_mark_and_windows_lines_are_tolerated() -> None:
    read = parse_csv(b"\xef\xbb\xbf" + BUNDLED.replace(b"\n", b"\r\n"))
    assert to_csv(read) == BUNDLED


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b"", "line 1: needed are label and 784 pixels, found: 1, the first ''"),
        (b"digit,a\n1,2\n", "line 1: needed are label and 784 pixels, found: 2, the first 'digit'"),
        (HEADER.encode(), "at least 100 rows are needed, found: 0"),
        (BUNDLED[: BUNDLED.index(b"\n", 100_000)], "at least 100 rows are needed"),
        (with_row(ROW.replace(b"0,", b"12,", 1)), "row 1798: label is 12, allowed is a whole number from 0 to 9"),
        (with_row(ROW[:-1] + b"256"), "row 1798: a pixel is 256, allowed is a whole number from 0 to 255"),
        (with_row(ROW[:-1] + b"-1"), "row 1798: a pixel is -1"),
        (with_row(ROW[:-1] + b"x"), "could not convert string 'x'"),
        (with_row(ROW[:-1] + b"0.5"), "could not convert string '0.5'"),
        (with_row(ROW[:-2]), "columns changed from 785 to 784"),
        (HEADER.encode() + b"\n" + (ROW + b"\n") * 100, "no row has label 1; all of 0 to 9 are needed"),
    ],
)
def test_bad_data_is_refused_naming_place_and_value(content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        parse_csv(content)


def test_mnists_archive_is_read_whole() -> None:
    digits = from_archive(archive(), where="mnist.npz")
    assert digits.images.shape == (200, 28, 28)
    assert digits.labels.tolist() == [*(n % 10 for n in range(150)), *(n % 10 for n in range(50))]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x05\x06" + b"\0" * 18, "not an archive of x_train"),
        (archive(x_train=np.zeros((150, 8, 8), np.uint8)), "not an archive of x_train"),
        (archive(x_train=np.zeros((150, 28, 28))), r"images are float64 \(200, 28, 28\), needed are uint8"),
        (archive(y_train=np.array([{"a": 1}] * 150)), "Object arrays cannot be loaded"),
    ],
)
def test_another_archive_is_refused_and_nothing_in_it_is_run(content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        from_archive(content, where="mnist.npz")


def test_the_command_turns_an_archive_into_the_data_and_prints_its_hash(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mnist.npz").write_bytes(archive())
    assert main(["--out", str(tmp_path / "out"), "--csv", str(tmp_path / "mnist.npz")]) == 0
    written = (tmp_path / "out" / "data.csv").read_bytes()
    assert len(parse_csv(written).images) == 200
    assert capsys.readouterr().out.strip() == hashlib.sha256(written).hexdigest()


def test_the_command_refuses_bad_data_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.csv").write_bytes(HEADER.encode() + b"\n" + b"1," * PIXELS + b"x\n")
    assert main(["--out", str(tmp_path / "out"), "--csv", str(tmp_path / "mine.csv")]) == 1
    assert "mine.csv: after the header: could not convert string 'x'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("rows", ["99", "1798"])
def test_the_command_refuses_rows_that_are_not_there(rows: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--out", "out", "--rows", rows])
    assert f"--rows is {rows}, must be from 100 to 1797" in capsys.readouterr().err
