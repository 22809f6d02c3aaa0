"""An artifact made without Keras, served by the scoring server: Custom Vision's paths and body, and refusals."""

from __future__ import annotations

import base64
import inspect
import io
import json
import os
import socket
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from contracts.card import Dataset, load_card
from contracts.limits import ServerSettings
from images.scoring.errors import BadRequest
from images.scoring.process.settings import Settings, read_settings
from images.scoring.request import Request
from images.scoring.service.script_thread import ScriptThread
from images.scoring.service.service import Service, load_service
from models.people_detection.data import read
from models.people_detection.graph import export
from models.people_detection.model import Hyperparameters
from models.people_detection.score import settings
from models.people_detection.train import BESIDE, THRESHOLDS, card, measured
from models.training import write_artifact
from tests.models.people_detection.network import fitted
from tests.models.people_detection.sketches import lines, sketch
from tests.models.test_pictures import claimed

SIDE, WIDTH = 64, 8


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("people")
    pictures = read(lines(96), SIDE)
    model = export(fitted(pictures.learned, WIDTH), SIDE, metadata={"tags": pictures.tags})
    dataset = Dataset(sha256="0" * 64, rows=96, train=84, test=12)
    made = card(model, Hyperparameters(), dataset, {"numpy": "none"}, measured(model, pictures.held_out), THRESHOLDS)
    write_artifact(folder, model, made, beside=BESIDE)
    return folder


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


def formed(service: Service, sent: bytes, **fields: str) -> Any:
    files = {"imageData": ("a.jpg", sent, "image/jpeg")}
    request = requests.Request("POST", "http://h/image", files=files, data=fields).prepare()
    assert isinstance(request.body, bytes)
    return answered(service, request.body, request.headers["Content-Type"].encode())


def refused(service: Service, **fields: Any) -> str:
    with pytest.raises(BadRequest) as error:
        told(service, **fields)
    return f"{error.value.message} at {error.value.path}"


def coded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def test_how_well_it_finds_stands_in_its_card(artifact: Path) -> None:
    card = load_card(artifact)
    assert card.slow
    assert card.metrics["ap50"] > card.metrics["ap75"] > 0
    assert [one.metric for one in card.unmet()] == ["ap50"]


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


def test_a_form_may_choose_what_is_told_in_its_fields(service: Service) -> None:
    sent = picture()
    every = formed(service, sent, floor="0", iou="1", maximum="1000")["predictions"]
    assert len(every) > len(formed(service, sent)["predictions"])
    assert every == told(service, content=coded(sent), floor=0.0, iou=1.0, maximum=1000)["predictions"]
    with pytest.raises(BadRequest, match="floor is 2: Expected"):
        formed(service, sent, floor="2")
    with pytest.raises(BadRequest, match="flor is text and no option, options are floor, iou, maximum"):
        formed(service, sent, flor=".2")


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
    assert refused(service, content="é").endswith("at $.content")
    assert "Expected either `content`, a picture in base64, or `url`" in refused(service, floor=0.5)
    assert "Expected either" in refused(service, content="AAAA", url="https://a.example.com/a.jpg")
    assert refused(service, content=coded(picture()), floor=1.5).endswith("at $.floor")
    allowed = "unknown field `score`, allowed are content, floor, iou, maximum, url"
    assert allowed in refused(service, content=coded(picture()), score=1)
    with pytest.raises(BadRequest, match="body is empty: "):
        answered(service, b"", b"image/jpeg")


def test_pictures_by_url_are_off_unless_a_place_allows_hosts(service: Service) -> None:
    assert "pictures by URL are off here" in refused(service, url="https://pictures.example.com/a.jpg")


async def test_a_slow_name_is_refused_before_the_server_ends_the_answer(
    artifact: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: released.wait(30) and [])
    monkeypatch.setenv("DETECTION_URL_HOSTS", "pictures.example.com")
    monkeypatch.setenv("SCORING_TIMEOUT_MS", str(ServerSettings().latency_ms))
    script = ScriptThread()
    threading.Thread(target=script.work, daemon=True).start()
    service = load_service(artifact, read_settings(os.environ).runs, thread=script)
    body = b'{"url": "https://pictures.example.com/a.jpg"}'
    try:
        with pytest.raises(BadRequest, match=r"pictures\.example\.com did not answer within 1\.5 s"):
            answer = service.answer(Request(body, headers={b"content-type": b"application/json"}))
            assert inspect.isawaitable(answer)
            await answer
    finally:
        released.set()
        script.close()


def test_a_place_has_its_settings_and_a_wrong_one_is_no_start() -> None:
    choice, hosts = settings(
        {"DETECTION_FLOOR": "0.4", "DETECTION_MAXIMUM": "5", "DETECTION_URL_HOSTS": "A.example.com,"}
    )
    assert (choice.floor, choice.iou, choice.maximum, hosts) == (0.4, 0.45, 5, ("a.example.com",))
    for name, value in (("FLOOR", "2"), ("IOU", "x"), ("MAXIMUM", "0"), ("URL_HOSTS", "10.0.0.1"), ("URL_HOSTS", "*")):
        with pytest.raises(ValueError, match=r"DETECTION_|is no name of a host"):
            settings({f"DETECTION_{name}": value})
