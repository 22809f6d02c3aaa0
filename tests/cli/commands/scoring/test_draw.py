"""`edgeway invoke cat.png --draw out.png`: what an answer says of a picture, on the picture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from cli.__main__ import main
from cli.commands.scoring import invoke
from cli.scoring.client import Answer
from cli.scoring.drawing import draw, picture_of
from cli.scoring.marks import Mark, marks_of
from cli.stack.outputs import Outputs

BEST = [["n02127052", "lynx", 0.9816], ["n02128385", "leopard", 0.0077], ["n02123159", "tiger_cat", 0.0037]]
CLASSES = [{"image": BEST}, "Computed in 31.23 ms"]
RED, GREY = (230, 60, 50), (200, 200, 200)


@pytest.fixture
def cat(tmp_path: Path) -> str:
    Image.new("RGB", (400, 350), GREY).save(tmp_path / "cat.png")
    return str(tmp_path / "cat.png")


def _invoke(monkeypatch: pytest.MonkeyPatch, outputs: Outputs, answer: Any, *options: str) -> int:
    monkeypatch.setattr(invoke, "outputs", lambda stack, secrets: outputs)
    body = json.dumps(answer).encode()
    monkeypatch.setattr("cli.scoring.client.score", lambda *_: Answer(200, {}, body))
    return main(["invoke", *options])


def test_each_form_of_an_answer_is_read() -> None:
    size = (200, 100)
    assert marks_of([{"a.png": "dog"}], size) == [Mark(text="dog")]
    assert marks_of(CLASSES, size) == [Mark(text=text) for text in ("lynx 98.2%", "leopard 0.8%", "tiger_cat 0.4%")]
    boxes = {"boxes": [[1, 2, 30, 40]], "labels": [17], "scores": [0.5]}
    assert marks_of([[boxes], "Computed in 3 ms"], size) == [Mark(text="17 50.0%", box=(1, 2, 30, 40), score=0.5)]
    assert marks_of({**boxes, "names": ["cat"]}, size) == [Mark(text="cat 50.0%", box=(1, 2, 30, 40), score=0.5)]
    place = {"left": 0.25, "top": 0.5, "width": 0.5, "height": 0.25}
    found = {"probability": 0.98, "tagId": 0, "tagName": "person", "boundingBox": place}
    person = Mark(text="person 98.0%", box=(50, 50, 150, 75), score=0.98)
    assert marks_of({"id": "", "predictions": [found]}, size) == [person]
    assert marks_of({"id": "", "predictions": []}, size) == []


@pytest.mark.parametrize("answer", [7, [1, 2], [], {"anomaly": True}, {"boxes": [[1, 2]]}, "text", None])
def test_an_answer_without_labels_or_boxes_is_told_apart_from_one_that_found_nothing(answer: Any) -> None:
    assert marks_of(answer, (10, 10)) is None


def test_the_three_best_labels_are_drawn_on_the_picture_that_was_sent(
    cat: str, outputs: Outputs, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = Path(cat).with_name("out.png")
    target.write_bytes(b"an older one")
    assert _invoke(monkeypatch, outputs, CLASSES, cat, "--json", "--draw", str(target)) == 0
    told = capsys.readouterr()
    assert json.loads(told.out) == CLASSES
    assert told.err == f"drawn: {target}, 3 marks\n"
    with Image.open(target) as image:
        assert (image.format, image.size) == ("PNG", (400, 350))
        assert image.getpixel((399, 349)) == GREY
        dark = [y for y in range(350) if image.getpixel((1, y)) == (20, 20, 20)]
    assert dark and dark == list(range(len(dark)))  # a strip from the top
    assert sorted(path.name for path in target.parent.iterdir()) == ["cat.png", "out.png"]


def test_boxes_are_drawn_where_they_are_and_clipped_to_the_picture(cat: str) -> None:
    target = Path(cat).with_name("boxes.png")
    draw(
        picture_of(cat),
        [Mark(text="cat 50.0%", box=(100, 200, 300, 5000)), Mark(text="dog 9%", box=(9, 9, 1, 1))],
        target,
    )
    with Image.open(target) as image:
        assert [image.getpixel(place) for place in ((100, 250), (299, 250), (200, 349), (200, 300))] == [
            RED,
            RED,
            RED,
            GREY,
        ]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "1 mark; 2 below 0.4 left out (--least)"),
        (("--least", ".2"), "2 marks; 1 below 0.2 left out (--least)"),
        (("--least", "0"), "3 marks"),
    ],
)
def test_boxes_of_a_low_score_are_left_out_and_counted(
    cat: str,
    outputs: Outputs,
    options: tuple[str, ...],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    target = Path(cat).with_name("out.png")
    found = {"boxes": [[9, 9, 90, 90]] * 3, "labels": [1] * 3, "scores": [0.5, 0.3, 0.1]}
    assert _invoke(monkeypatch, outputs, [[found], "Computed in 3 ms"], cat, "--draw", str(target), *options) == 0
    assert capsys.readouterr().err.endswith(f"drawn: {target}, {said}\n")


@pytest.mark.parametrize("least", ["2", "-1", "nan", "much"])
def test_a_least_score_that_is_none_is_refused(cat: str, least: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["invoke", cat, "--draw", "out.png", f"--least={least}"])
    assert f"'{least}' is refused; a number from 0 to 1 is wanted" in capsys.readouterr().err


def test_a_small_picture_is_drawn_larger_and_one_of_a_turned_camera_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (64, 32), GREY).save(tmp_path / "small.jpg", exif=exif)
    draw(picture_of(str(tmp_path / "small.jpg")), [Mark(text="dog")], tmp_path / "out.webp")
    with Image.open(tmp_path / "out.webp") as image:
        assert (image.format, image.size) == ("WEBP", (320, 640))


@pytest.mark.parametrize(
    ("files", "target", "reason"),
    [
        (["cat.png", "cat.png"], "out.png", "draws on one picture; 2 files are given"),
        ([], "out.png", "draws on one picture; none is given by its path"),
        (["-"], "out.png", "draws on one picture; none is given by its path"),
        (["row.json"], "out.png", "draws on a picture; 'row.json' is application/json"),
        (["cat.png"], "out.gif", "must end in .png, .jpg, .jpeg, .webp"),
        (["cat.png"], "none/out.png", "there is no folder"),
        (["cat.png"], "cat.png", "is the picture itself"),
        (["cat.png"], "folder.png", "is a folder"),
        (["cut.png"], "out.png", "picture 'cut.png' cannot be drawn on"),
        (["gone.png"], "out.png", "edgeway: file 'gone.png' cannot be read: No such file or directory\n"),
    ],
)
def test_what_cannot_be_drawn_is_refused_before_anything_is_asked(
    cat: str,
    files: list[str],
    target: str,
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(Path(cat).parent)
    Path("row.json").write_text("{}")
    Path("cut.png").write_bytes(Path(cat).read_bytes()[:60])
    Path("folder.png").mkdir()
    assert main(["invoke", *files, "--draw", target]) == 2
    assert reason in capsys.readouterr().err


def test_an_answer_with_nothing_to_draw_is_shown_and_named(
    cat: str, outputs: Outputs, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = Path(cat).with_name("out.png")
    assert _invoke(monkeypatch, outputs, [7], cat, "--json", "--draw", str(target)) == 1
    told = capsys.readouterr()
    assert told.out == "[7]\n"
    assert f"the answer has neither labels nor boxes: {target} was not drawn" in told.err
    assert not target.exists()
