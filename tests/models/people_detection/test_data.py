"""The pictures: drawn ones, yours as JSON lines, and what is refused of those."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from models.people_detection.data import drawn_lines, main, read
from models.people_detection.drawing import SIDE, drawn
from models.source import DataError
from tests.models.people_detection.sketches import line, lines, sketch


def test_a_drawn_picture_is_its_seeds_and_its_boxes_lie_within_it() -> None:
    first, again, other = (drawn(0, place, before="learned") for place in (5, 5, 6))
    assert (first.pixels == again.pixels).all() and not (first.pixels == other.pixels).all()
    assert first.pixels.shape == (SIDE, SIDE, 3)
    boxes = np.concatenate([drawn(0, place, before="held out").boxes for place in range(3)])
    assert len(boxes) and (boxes >= 0).all() and (boxes <= 1).all() and (boxes[:, :2] < boxes[:, 2:]).all()


def test_plain_ground_is_one_colour() -> None:
    corners = [drawn(1, place, before="plain").pixels[0, :8].reshape(-1, 3) for place in range(3)]
    assert any(np.ptp(corner.astype(int), axis=0).max() < 40 for corner in corners)


def test_drawn_lines_hold_one_in_eight_out_before_another_background() -> None:
    content = drawn_lines(0, 16)
    found = [json.loads(one) for one in content.splitlines()]
    assert [place for place, one in enumerate(found) if one["heldOut"]] == [7, 15]
    pictures = read(content, 64)
    assert (len(pictures.learned), len(pictures.held_out), pictures.tags) == (14, 2, ("person",))


def test_lines_of_yours_are_brought_to_one_size_and_every_eighth_is_held_out() -> None:
    pictures = read(lines(16) + line(16, tag="dog"), 96)
    assert pictures.tags == ("dog", "person")
    assert len(pictures.held_out) == 2
    assert pictures.learned[0].pixels.shape == (96, 96, 3)
    assert pictures.learned[0].boxes[0].tolist() == pytest.approx(sketch(0)[1])
    assert pictures.learned[-1].classes.tolist() == [0]


GOOD = line(0)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (lines(15), "here: has 15 pictures, at least 16 are needed"),
        (b"{\n" + lines(16), "here, line 1: Input data was truncated"),
        (lines(16) + b'{"picture": "AAAA", "boxes": []}\n', "here, line 17: Expected a picture"),
        (lines(16) + GOOD.replace(b'"boxes"', b'"box"'), "here, line 17: Object contains unknown field `box`"),
        (lines(16) + GOOD.replace(b'"person", ', b""), "here, line 17: Expected `"),
        (lines(16) + b'{"picture": "' + GOOD[13:].split(b'"')[0] + b'", "boxes": [["a", 0.5, 0.1, 0.2, 0.9]]}\n',
         "left must be less than right"),
        (b"".join(line(n).replace(b'"boxes"', b'"heldOut": false, "boxes"') for n in range(16)),
         "no picture that is held out has a box"),
    ],
)  # fmt: skip
def test_what_cannot_be_learned_from_is_refused_with_its_line(given: bytes, said: str) -> None:
    with pytest.raises(DataError) as refused:
        read(given, 64, where="here")
    assert said in str(refused.value)


def test_a_file_of_yours_is_checked_whole_when_it_is_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.jsonl").write_bytes(lines(8))
    assert main(["--out", str(tmp_path / "out"), "--csv", str(tmp_path / "mine.jsonl")]) == 1
    assert "has 8 pictures, at least 16 are needed" in capsys.readouterr().err
