"""The pictures: drawn ones, files of records, and CIFAR-10's archive, of which a small one is made here."""

from __future__ import annotations

import io
import tarfile

import numpy as np
import pytest

from models.cifar10_keras import score
from models.cifar10_keras.data import (
    BATCHES,
    CLASSES,
    LABELS,
    RECORD,
    SIDE,
    drawn,
    from_archive,
    parse_records,
    to_records,
)
from models.source import DataError

ROWS = 240


def archive(batches: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in batches.items():
            entry = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def test_drawn_pictures_are_the_same_each_time_and_show_each_class_equally_often() -> None:
    one, other = drawn(rows=ROWS), drawn(rows=ROWS)
    assert to_records(one) == to_records(other) != to_records(drawn(rows=ROWS, seed=1))
    assert np.bincount(one.labels).tolist() == [ROWS // 10] * 10
    assert one.images.shape == (ROWS, SIDE, SIDE, 3)


def test_records_hold_pictures_as_cifar_does_plane_by_plane() -> None:
    pictures = drawn(rows=ROWS)
    content = to_records(pictures)
    assert len(content) == ROWS * RECORD
    assert content[RECORD] == pictures.labels[1]
    assert content[1 : 1 + SIDE] == pictures.images[0, 0, :, 0].tobytes()
    again = parse_records(content)
    assert (again.images == pictures.images).all()
    assert (again.labels == pictures.labels).all()


def test_an_archive_gives_its_batches_in_their_order() -> None:
    content = to_records(drawn(rows=ROWS))
    step = len(content) // len(BATCHES)
    parts = {name: content[place * step : (place + 1) * step] for place, name in enumerate(BATCHES)}
    assert from_archive(archive({"readme.html": b"", **dict(reversed(parts.items()))}), where="a") == content


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x1f\x8b no gzip", "is no archive of data_batch_1.bin"),
        (archive({"data_batch_1.bin": b""}), r"the archive has no data_batch_2\.bin; there are: data_batch_1\.bin"),
    ],
)
def test_what_is_no_archive_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(DataError, match=f"a: {reason}"):
        from_archive(content, where="a")


def _with_label(label: int) -> bytes:
    content = bytearray(to_records(drawn(rows=ROWS)))
    content[RECORD * 3] = label
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is 0 bytes; wanted are records of 3073 bytes, at least 200"),
        (to_records(drawn(rows=ROWS))[:-1], "is 737519 bytes; wanted are records of 3073 bytes"),
        (_with_label(10), "record 4: the label is 10, allowed is a number from 0 to 9"),
        (to_records(drawn(rows=10))[:RECORD] * 200, "no record has label 1; all of 0 to 9 are needed"),
    ],
)
def test_records_that_cannot_be_trained_on_are_refused(content: bytes, reason: str) -> None:
    with pytest.raises(DataError, match=f"pictures: {reason}|pictures, {reason}"):
        parse_records(content, where="pictures")


def test_the_entry_script_has_the_labels_of_the_data_in_their_order() -> None:
    assert score.LABELS == LABELS
    assert (LABELS[5], len(set(LABELS))) == ("dog", CLASSES)
