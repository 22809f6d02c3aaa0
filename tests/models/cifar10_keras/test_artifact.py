"""The artifact of random weights, served by the scoring server: base64 in JSON, forms, pictures, refusals.

Trained in Keras it is in test-long; what is the same for all weights is here.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import requests

from clone.source_files import source_files
from images.scoring.errors import BadRequest
from images.scoring.process.settings import Settings
from images.scoring.request import Request
from images.scoring.service.service import Service, load_service
from models.cifar10_keras import model
from models.cifar10_keras.data import LABELS, Pictures, drawn, to_records
from models.cifar10_keras.model import Hyperparameters
from models.cifar10_keras.train import card, png
from models.keras_network import export, logits_of
from models.training import write_artifact
from tests.models.cifar10_keras.network import balanced_layers, random_layers

EXPORTED = export(balanced_layers(), model.PICTURE)


@pytest.fixture(scope="module")
def pictures() -> Pictures:
    """With the labels that random weights give, so that golden examples are found."""
    images = drawn(rows=240).images
    found = logits_of(EXPORTED, images).argmax(axis=1)
    return Pictures(images=images, labels=found.astype(np.uint8))


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, pictures: Pictures) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("cifar10_keras")
    data = model.split(pictures)
    # a hundred times the logits: without doubt
    logits = 100 * logits_of(EXPORTED, data.test)
    made = card(logits, data, Hyperparameters(), content=to_records(pictures), framework={})
    write_artifact(folder, EXPORTED, made, beside=("pictures.py",))
    yield load_service(folder, Settings().runs)


def answered(service: Service, request: Request) -> Any:
    return json.loads(service.score(request).body)


def test_the_network_has_the_parameters_of_the_original() -> None:
    weights = onnx.load_from_string(EXPORTED).graph.initializer
    count = sum(int(np.prod(one.dims)) for one in weights)
    assert count - 1 == model.PARAMETERS == 3_441_592  # one more: what a pixel is multiplied with


def test_equal_weights_give_equal_bytes() -> None:
    assert export(balanced_layers(), model.PICTURE) == EXPORTED
    assert export(random_layers(1), model.PICTURE) != EXPORTED


def test_its_golden_examples_agree_in_every_form(service: Service) -> None:
    assert [example.name for example in service.card.golden] == ["base64", "picture", "form"]
    for example in service.card.golden:
        sent = example.request
        request = Request(sent.content, headers={b"content-type": sent.media_type.encode()})
        assert example.difference(answered(service, request)) is None


def test_each_of_several_pictures_in_base64_is_answered_by_its_name(service: Service, pictures: Pictures) -> None:
    files = {f"{place}.png": base64.b64encode(png(pictures.images[place])).decode() for place in range(3)}
    found = answered(service, Request(json.dumps(files).encode()))
    assert found == [{f"{place}.png": LABELS[pictures.labels[place]]} for place in range(3)]
    assert answered(service, Request(b"{}")) == []


def test_what_is_no_picture_is_refused_with_its_name(service: Service, pictures: Pictures) -> None:
    good = base64.b64encode(png(pictures.images[0])).decode()
    for bad, reason in (
        ("aGVsbG8=", "Expected a picture"),
        ("@", 'b.png is "@": Invalid base64'),
        ("", "Expected a picture"),
        (5, "b.png is 5: Expected `bytes`, got `int`"),
    ):
        with pytest.raises(BadRequest, match=reason) as refused:
            service.score(Request(json.dumps({"a.png": good, "b.png": bad, "c.png": good}).encode()))
        assert refused.value.path == "$.b.png"


def test_a_form_is_answered_part_by_part(service: Service, pictures: Pictures) -> None:
    files = [(name, (name, png(pictures.images[place]), "image/png")) for place, name in enumerate("ab")]
    prepared = requests.Request("POST", "http://localhost/score", files=files).prepare()
    assert isinstance(prepared.body, bytes)
    request = Request(prepared.body, headers={b"content-type": prepared.headers["Content-Type"].encode()})
    assert answered(service, request) == [{"a": LABELS[pictures.labels[0]]}, {"b": LABELS[pictures.labels[1]]}]


def test_one_lock_and_one_environment_train_both_keras_models() -> None:
    folder = Path(__file__).resolve().parents[3] / "models"
    requirements = folder / "cifar10_keras" / "requirements.txt"
    assert requirements.resolve() == folder / "mnist_keras" / "requirements.txt"
    assert requirements in source_files(folder.parent, "models/cifar10_keras")
