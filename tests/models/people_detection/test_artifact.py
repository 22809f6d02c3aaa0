"""A short training, and its artifact served by the scoring server: Custom Vision's paths and body, and refusals."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from contracts.card import load_card
from images.scoring.errors import BadRequest
from images.scoring.process.settings import Settings
from images.scoring.request import Request
from images.scoring.service.service import Service, load_service
from models.people_detection.score import settings
from models.people_detection.train import main as train
from models.source import DATA_FILE
from tests.models.people_detection.sketches import lines, sketch
from tests.models.test_pictures import claimed

SHORT = {"side": 64, "width": 8, "epochs": 12, "batch_size": 8, "learning_rate": 0.01, "threads": 1}
LEARNED = 0.3
"""What the short training reaches at least; it is .5 to .75."""


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("people")
    (folder / DATA_FILE).write_bytes(lines(96))
    options = [part for name, value in SHORT.items() for part in ("--set", f"{name}={value}")]
    assert train(["--data", str(folder), "--out", str(folder / "artifact"), *options]) == 0
    return folder / "artifact"


@pytest.fixture(scope="module")
def service(artifact: Path) -> Iterator[Service]:
    yield load_service(artifact, Settings().runs)


def picture(place: int = 1000, kind: str = "JPEG") -> bytes:
    buffer = io.BytesIO()
    sketch(place)[0].resize((640, 480)).save(buffer, kind)
    return buffer.getvalue()


def answered(service: Service, body: bytes, media_type: bytes) -> Any:
    return json.loads(service.score(Request(body, headers={b"content-type": media_type})).body)


def told(service: Service, **fields: Any) -> Any:
    return answered(service, json.dumps(fields).encode(), b"application/json")


def refused(service: Service, **fields: Any) -> str:
    with pytest.raises(BadRequest) as error:
        told(service, **fields)
    return f"{error.value.message} at {error.value.path}"


def coded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def test_a_few_seconds_of_training_find_a_figure(artifact: Path) -> None:
    card = load_card(artifact)
    assert card.slow
    assert card.metrics["ap50"] >= LEARNED
    assert [str(one) for one in card.unmet()] or card.metrics["ap50"] >= 0.85
    files = {path.relative_to(artifact).as_posix() for path in artifact.rglob("*") if path.is_file()}
    beside = {f"models/{name}.py" for name in ("custom_vision", "detections", "pictures", "remote_picture")}
    assert files == {"card.json", "model.onnx", "score.py", "serving.lock", *beside}


def test_its_golden_examples_agree_whatever_the_place_tells(service: Service) -> None:
    for example in service.card.golden:
        assert example.difference(told(service, **example.input)) is None


def test_a_picture_is_answered_as_custom_vision_does(service: Service) -> None:
    answer = answered(service, picture(), b"application/octet-stream")
    assert list(answer) == ["id", "project", "iteration", "created", "predictions"]
    assert datetime.fromisoformat(answer["created"]).tzinfo is None
    first = answer["predictions"][0]
    assert (first["tagId"], first["tagName"]) == (0, "person")
    assert set(first["boundingBox"]) == {"left", "top", "width", "height"}
    shares = [one["probability"] for one in answer["predictions"]]
    assert shares == sorted(shares, reverse=True) and shares[-1] >= 0.1 and len(shares) <= 20


def test_each_form_of_a_picture_has_the_same_answer(service: Service) -> None:
    sent = picture(kind="PNG")
    request = requests.Request("POST", "http://h/image", files={"imageData": ("a.png", sent, "image/png")}).prepare()
    assert isinstance(request.body, bytes)
    form = answered(service, request.body, request.headers["Content-Type"].encode())
    raw, text = answered(service, sent, b"image/png"), told(service, content=coded(sent))
    assert form["predictions"] == raw["predictions"] == text["predictions"] != []


def test_a_request_may_choose_what_is_told(service: Service) -> None:
    sent = coded(picture())
    every = told(service, content=sent, floor=0.0, iou=1.0, maximum=1000)["predictions"]
    assert len(every) > 20
    assert len(told(service, content=sent, floor=0.0, iou=1.0)["predictions"]) == 20
    sure = told(service, content=sent, floor=0.2, maximum=1000)["predictions"]
    assert all(one["probability"] >= 0.2 for one in sure)


@pytest.mark.parametrize(
    "path",
    [
        "/image", "/url", "/people/image", "/people/image/nostore", "/people/detect/iterations/first/image",
        "/people/detect/iterations/first/image/nostore", "/people/url/nostore",
        "/people/detect/iterations/first/url/nostore",
    ],
)  # fmt: skip
def test_it_answers_at_custom_visions_paths(service: Service, path: str) -> None:
    assert service.paths is not None
    assert service.paths.pattern.fullmatch(path.encode())
    assert not service.paths.pattern.fullmatch(path.encode() + b"s")


def test_what_is_no_picture_or_no_choice_is_refused_with_its_place(service: Service) -> None:
    assert "Expected a picture (JPEG, " in refused(service, content=coded(b"no picture"))
    assert "Expected a whole picture" in refused(service, content=coded(picture()[:2000]))
    assert "at most 25,000,000 pixels" in refused(service, content=coded(claimed(8_000, 8_000)))
    assert refused(service, content="no base64!").endswith("at $.content")
    assert "Expected either `content`, a picture in base64, or `url`" in refused(service, floor=0.5)
    assert "Expected either" in refused(service, content="AAAA", url="https://a.example.com/a.jpg")
    assert refused(service, content=coded(picture()), floor=1.5).endswith("at $.floor")
    assert "unknown field `score`" in refused(service, content=coded(picture()), score=1)
    with pytest.raises(BadRequest):
        answered(service, b"", b"image/jpeg")


def test_pictures_by_url_are_off_unless_a_place_allows_hosts(service: Service) -> None:
    assert "pictures by URL are off here" in refused(service, url="https://pictures.example.com/a.jpg")


def test_a_place_has_its_settings_and_a_wrong_one_is_no_start() -> None:
    choice, hosts = settings(
        {"DETECTION_FLOOR": "0.4", "DETECTION_MAXIMUM": "5", "DETECTION_URL_HOSTS": "A.example.com,"}
    )
    assert (choice.floor, choice.iou, choice.maximum, hosts) == (0.4, 0.45, 5, ("a.example.com",))
    for name, value in (("FLOOR", "2"), ("IOU", "x"), ("MAXIMUM", "0"), ("URL_HOSTS", "10.0.0.1"), ("URL_HOSTS", "*")):
        with pytest.raises(ValueError, match=r"DETECTION_|is no name of a host"):
            settings({f"DETECTION_{name}": value})
