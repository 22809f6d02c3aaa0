"""The artifact of a narrow network of the same code, served by the scoring server: forms, pictures, refusals."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
from PIL import Image

from contracts.card import load_card
from images.scoring.errors import BadRequest
from images.scoring.process.settings import Settings
from images.scoring.request import Request
from images.scoring.service.service import Service, load_service
from models.resnet152.data import main as data
from models.resnet152.train import main as train
from tests.models.test_pictures import claimed, saved


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("resnet152")
    assert data(["--out", str(folder / "data")]) == 0
    options = ["--set", "width=2"]
    assert train(["--data", str(folder / "data"), "--out", str(folder / "artifact"), *options]) == 0
    return folder / "artifact"


@pytest.fixture(scope="module")
def service(artifact: Path) -> Iterator[Service]:
    yield load_service(artifact, Settings().runs)


def picture(kind: str = "JPEG", size: tuple[int, int] = (640, 480)) -> bytes:
    buffer = io.BytesIO()
    Image.radial_gradient("L").resize(size).convert("RGB").save(buffer, kind)
    return buffer.getvalue()


def form(**files: bytes) -> Request:
    sent = [(name, (f"{name}.jpg", content, "image/jpeg")) for name, content in files.items()]
    prepared = requests.Request("POST", "http://localhost/score", files=sent).prepare()
    assert isinstance(prepared.body, bytes)
    return Request(prepared.body, headers={b"content-type": prepared.headers["Content-Type"].encode()})


def answered(service: Service, request: Request) -> Any:
    return json.loads(service.score(request).body)


def test_the_artifact_brings_the_modules_and_the_packages_of_its_script(artifact: Path) -> None:
    files = {path.relative_to(artifact).as_posix() for path in artifact.rglob("*") if path.is_file()}
    assert files == {"card.json", "model.onnx", "models/pictures.py", "score.py", "serving.lock"}
    card = load_card(artifact)
    assert card.slow
    assert [example.request.media_type.partition(";")[0] for example in card.golden] == [
        "image/png",
        "multipart/form-data",
    ]


def test_its_golden_examples_agree(service: Service) -> None:
    for example in service.card.golden:
        sent = example.request
        request = Request(sent.content, headers={b"content-type": sent.media_type.encode()})
        assert example.difference(answered(service, request)) is None


def test_a_form_is_answered_with_three_classes_by_the_name_of_each_part(service: Service) -> None:
    found, took = answered(service, form(image=picture()))
    assert took.startswith("Computed in ") and took.endswith(" ms")
    assert [len(best) for best in found["image"]] == [3, 3, 3]
    shares = [share for _, _, share in found["image"]]
    assert shares == sorted(shares, reverse=True)
    both, _ = answered(service, form(first=picture(), second=picture("PNG", (300, 300))))
    assert both["first"] == found["image"]
    assert list(both) == ["first", "second"]


def test_parts_of_one_name_are_told_apart(service: Service) -> None:
    files = [("image", (f"{name}.jpg", picture(), "image/jpeg")) for name in ("a", "b", "b")]
    prepared = requests.Request("POST", "http://localhost/score", files=files).prepare()
    assert isinstance(prepared.body, bytes)
    request = Request(prepared.body, headers={b"content-type": prepared.headers["Content-Type"].encode()})
    found, _ = answered(service, request)
    assert list(found) == ["image", "b.jpg", "image 3"]


def test_a_bad_part_is_refused_with_its_place(service: Service) -> None:
    with pytest.raises(BadRequest, match="Expected a picture") as refused:
        service.score(form(good=picture(), bad=b"no picture"))
    assert refused.value.path == "$[1].content"


def sent_as(media_type: str, content: bytes) -> Request:
    return Request(content, headers={b"content-type": media_type.encode()})


def parts(*contents: bytes) -> Request:
    return form(**{f"part{number}": content for number, content in enumerate(contents)})


@pytest.mark.parametrize(
    ("request_of", "reason", "path"),
    [
        (lambda: sent_as("multipart/form-data; boundary=b", b"--b--\r\n"), "form", None),
        (lambda: parts(b""), "Expected `bytes` of length >= 1", "$.content"),
        (lambda: parts(picture(), b""), "Expected `bytes` of length >= 1", "$[1].content"),
        (lambda: parts(*[picture()] * 100), "at most 64", None),
        (lambda: parts(picture()[:2000]), "Expected a whole picture", "$.content"),
        (lambda: parts(claimed(8000, 5000)), "at most 25,000,000 pixels, got 8000 x 5000", "$.content"),
        (lambda: parts(claimed(60000, 60000)), "Expected a ", "$.content"),
        (lambda: sent_as("image/png", b"%PDF-1.7"), "body is not valid: Expected a picture", "$"),
        (lambda: sent_as("text/plain", picture()), "JSON", None),
    ],
    ids=[
        "no part",
        "an empty part",
        "one of two empty",
        "100 parts",
        "cut",
        "40 megapixels",
        "a bomb",
        "a PDF",
        "text",
    ],
)
def test_what_is_no_picture_is_refused_by_what_it_is(
    service: Service, request_of: Callable[[], Request], reason: str, path: str | None
) -> None:
    with pytest.raises(BadRequest, match=reason) as refused:
        service.score(request_of())
    assert path is None or refused.value.path == path


def test_a_picture_is_told_by_its_content_and_not_by_what_its_sender_calls_it(service: Service) -> None:
    expected, _ = answered(service, sent_as("image/jpeg", picture()))
    assert answered(service, sent_as("image/png", picture()))[0] == expected
    assert answered(service, sent_as("application/octet-stream", picture()))[0] == expected


def odd_pictures() -> dict[str, bytes]:
    """One picture in the ways of a camera, a printer and a browser."""
    image, exif = Image.radial_gradient("L").resize((320, 320)).convert("RGB"), Image.Exif()
    exif[0x0112] = 6
    frames = [Image.new("RGB", (320, 320), "green")]
    return {
        "gif": saved(image, "GIF", save_all=True, append_images=frames),
        "cmyk": saved(image.convert("CMYK"), "JPEG", quality=95),
        "sixteen": saved(Image.fromarray(np.asarray(image.convert("L"), np.uint16) << 8), "PNG"),
        "turned": saved(image, "JPEG", quality=95, exif=exif),
    }


def test_pictures_of_every_kind_are_looked_at_as_one_batch(service: Service) -> None:
    odd = odd_pictures()
    found, _ = answered(service, form(**odd))
    assert found.keys() == odd.keys()
    assert all(len(best) == 3 for best in found.values())
