"""The layer `anomaly`: its modules and routes, byte for byte as the hub gets them."""

from __future__ import annotations

import hashlib
import json

import msgspec
import pytest

from edge.layers.anomaly import Settings, content, needs
from edge.manifest import layer_content, validate
from edge.senders import time_span

IMAGES = {name: f"cr.example/edgeway/{name}@sha256:{'0' * 64}" for name in ("anomaly", "sensor")}
PUBLISHED = "mcr.microsoft.com/azureiotedge-simulated-temperature-sensor:1.6"
# Another digest is another deployment: every device would change over.
DIGEST = "e1be1d8aa09a3fbca7bea3ed2d4f0dc52ebd3f92e3520fdc6cb3f6471a512586"


def test_the_content_is_the_one_that_devices_run() -> None:
    made = content(IMAGES, Settings(interval_seconds=1))
    document = layer_content(modules=made.modules, routes=made.routes)

    assert validate(document, "layer") == []
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(text.encode()).hexdigest() == DIGEST


def test_the_scorer_has_the_layers_limits_of_memory_and_time() -> None:
    scorer = content(IMAGES, Settings(memory_mb=128, latency_ms=300)).modules["scorer"]

    assert scorer.create_options["HostConfig"]["Memory"] == 128 * 1024 * 1024
    assert scorer.env == {"SCORING_TIMEOUT_MS": "300"}


def test_it_needs_its_model_and_the_sensor_that_the_project_builds() -> None:
    own = needs(Settings())

    assert (own.models, own.images, own.published) == (("anomaly",), ("sensor",), {})


def test_a_published_sensor_is_not_built_and_may_write_to_its_root_file_system() -> None:
    settings = msgspec.convert({"sensorImage": PUBLISHED}, Settings)
    sensor = content({"anomaly": IMAGES["anomaly"]}, settings).modules["sensor"]

    assert needs(settings).images == ()
    assert needs(settings).published == {"sensorImage": PUBLISHED}
    assert sensor.image == PUBLISHED
    assert "ReadonlyRootfs" not in sensor.create_options["HostConfig"]


@pytest.mark.parametrize(
    ("seconds", "text"), [(1, "00:00:01"), (0.1, "00:00:00.1000000"), (3600, "01:00:00"), (61.5, "00:01:01.5000000")]
)
def test_the_interval_is_a_dotnet_time_span(seconds: float, text: str) -> None:
    assert time_span(seconds) == text
