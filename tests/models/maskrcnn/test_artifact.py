"""The artifact of a narrow network of the same code, served by the scoring server: forms, options, refusals."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cli.scoring.marks import marks_of
from contracts.card import load_card
from images.scoring.errors import BadRequest
from images.scoring.process.settings import Settings
from images.scoring.request import Request
from images.scoring.service.service import Service, load_service
from models.maskrcnn.data import main as data
from models.maskrcnn.train import main as train
from tests.models.resnet152.test_artifact import answered, form, parts, picture, sent_as
from tests.models.test_pictures import claimed, saved

SMALL = ("--set", "width=2", "--set", "min_size=160", "--set", "max_size=266")


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("maskrcnn")
    assert data(["--out", str(folder / "data")]) == 0
    assert train(["--data", str(folder / "data"), "--out", str(folder / "artifact"), *SMALL]) == 0
    return folder / "artifact"


@pytest.fixture(scope="module")
def service(artifact: Path) -> Service:
    return load_service(artifact, Settings().runs)


def with_options(content: bytes, **options: str) -> Request:
    sent = form(image=content)
    boundary = sent.media_type and sent.headers[b"content-type"].partition(b"boundary=")[2]
    fields = b"".join(
        b'--%b\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n' % (boundary, name.encode(), value.encode())
        for name, value in options.items()
    )
    return Request(fields + sent.body, headers=sent.headers)


def test_the_artifact_brings_the_modules_and_the_packages_of_its_script(artifact: Path) -> None:
    files = {path.relative_to(artifact).as_posix() for path in artifact.rglob("*") if path.is_file()}
    own = {f"models/maskrcnn/{name}.py" for name in ("detector", "masks", "scaling")}
    assert files == {"card.json", "model.onnx", "models/pictures.py", "score.py", "serving.lock", *own}
    card = load_card(artifact)
    assert card.slow
    assert card.unmet() == []
    assert all(example.output[0][0]["boxes"] for example in card.golden)


def test_its_golden_examples_agree(service: Service) -> None:
    for example in service.card.golden:
        sent = example.request
        request = Request(sent.content, headers={b"content-type": sent.media_type.encode()})
        assert example.difference(answered(service, request)) is None


def test_a_picture_is_answered_with_boxes_labels_scores_and_names(service: Service) -> None:
    (things,), took = answered(service, sent_as("image/jpeg", picture()))
    assert took.startswith("Computed in ") and took.endswith(" ms")
    assert list(things) == ["boxes", "labels", "scores", "names"]
    assert {len(of) for of in things.values()} == {100}
    assert things["scores"] == sorted(things["scores"], reverse=True)
    assert max(box[2] for box in things["boxes"]) <= 640
    assert max(box[2] for box in things["boxes"]) > 320
    assert len(marks_of([[things], took], (640, 480)) or []) == 100


def test_pictures_of_a_form_are_answered_in_their_order(service: Service) -> None:
    both, _ = answered(service, form(first=picture(), second=picture("PNG", (300, 300))))
    (alone,), _ = answered(service, form(image=picture()))
    assert len(both) == 2
    assert both[0] == alone
    assert both[1] != alone


def test_options_come_as_fields_of_a_form_or_of_json(service: Service) -> None:
    (things,), _ = answered(service, sent_as("image/jpeg", picture()))
    threshold = things["scores"][3]
    (few,), _ = answered(service, with_options(picture(), threshold=str(threshold), masks="true"))
    assert 1 <= len(few["boxes"]) <= 4
    assert {tuple(mask["size"]) for mask in few["masks"]} == {(480, 640)}
    assert {sum(mask["counts"]) for mask in few["masks"]} == {640 * 480}
    text = {"content": base64.b64encode(picture()).decode(), "threshold": threshold, "masks": True}
    assert answered(service, Request(json.dumps(text).encode()))[0] == [few]
    (none,), _ = answered(service, with_options(picture(), threshold="1", masks="1"))
    assert none == {"boxes": [], "labels": [], "scores": [], "names": [], "masks": []}


@pytest.mark.parametrize(
    ("request_of", "reason", "path"),
    [
        (lambda: parts(b""), "Expected `bytes` of length >= 1", "$.content"),
        (lambda: parts(picture(), b"no picture"), "Expected a picture", "$[1].content"),
        (lambda: parts(*[picture()] * 100), "at most 64", None),
        (lambda: parts(picture()[:2000]), "Expected a whole picture", "$.content"),
        (lambda: parts(claimed(8000, 5000)), "at most 25,000,000 pixels, got 8000 x 5000", "$.content"),
        (lambda: sent_as("image/png", b"%PDF-1.7"), "body is not valid: Expected a picture", "$"),
        (lambda: sent_as("image/png", picture("PNG", (2000, 3))), "at most 24 pixels where", "$"),
        (lambda: with_options(picture(), threshold="7"), "Expected `float` <= 1.0", "$.threshold"),
        (lambda: with_options(picture(), masks="some"), "Expected `bool`", "$.masks"),
        (lambda: Request(b'{"content": "", "threshold": 0.5}'), "length >= 1", "$.content"),
        (lambda: Request(b"[]x"), "JSON", None),
    ],
    ids=[
        "empty",
        "second",
        "100 parts",
        "cut",
        "40 megapixels",
        "a PDF",
        "narrow",
        "threshold",
        "masks",
        "none",
        "JSON",
    ],
)
def test_what_is_no_picture_is_refused_by_what_it_is(
    service: Service, request_of: Callable[[], Request], reason: str, path: str | None
) -> None:
    with pytest.raises(BadRequest, match=reason) as refused:
        service.score(request_of())
    assert path is None or refused.value.path == path


def odd_pictures() -> dict[str, bytes]:
    image, exif = Image.radial_gradient("L").resize((320, 160)).convert("RGB"), Image.Exif()
    exif[0x0112] = 6
    return {
        "gif": saved(image, "GIF", save_all=True, append_images=[Image.new("RGB", (320, 160), "green")]),
        "cmyk": saved(image.convert("CMYK"), "JPEG", quality=95),
        "sixteen": saved(Image.fromarray(np.asarray(image.convert("L"), np.uint16) << 8), "PNG"),
        "turned": saved(image, "JPEG", quality=95, exif=exif),
    }


def test_pictures_of_every_kind_are_looked_at_and_a_turned_one_upright(service: Service) -> None:
    found: Any = answered(service, form(**odd_pictures()))[0]
    assert len(found) == 4
    wide, turned = ([max(box[side] for box in one["boxes"]) for side in (2, 3)] for one in (found[0], found[3]))
    assert wide[0] > wide[1]
    assert turned[0] < turned[1]


def test_no_pictures_in_json_are_an_empty_answer(service: Service) -> None:
    assert answered(service, Request(b"[]"))[0] == []
