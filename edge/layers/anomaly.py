"""Scores a machine's telemetry where it arises: a sensor feeds the scorer of the model `anomaly`, which sends upstream.

Module names, inputs and outputs are those of `contracts.telemetry`, and not the layer's: who reads the hub knows them,
and a module of another name is another identity, whose stored messages stay behind.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from contracts.names import IMAGE_SENSOR
from contracts.telemetry import INPUT_SCORER, MODULE_SCORER, MODULE_SENSOR, OUTPUT_SCORER, OUTPUT_SENSOR
from edge.manifest import (
    OWN_IMAGE,
    Feed,
    Images,
    Layer,
    LayerContent,
    Module,
    Needs,
    Route,
    output_to_input,
    output_to_upstream,
)
from edge.senders import LOGS, SENDER_MEMORY_MB, ScorerSettings, limited, scorer_module, time_span

MODEL = "anomaly"
# The sensor's first message, and one of a machine that is hot.
TELEMETRY = (
    {
        "machine": {"temperature": 21.0, "pressure": 1.0},
        "ambient": {"temperature": 20.5, "humidity": 24},
        "timeCreated": "2017-10-27T18:14:02.491117Z",
    },
    {
        "machine": {"temperature": 101.5, "pressure": 10.17088608},
        "ambient": {"temperature": 21.5, "humidity": 26},
        "timeCreated": "2017-10-27T18:14:02.491117Z",
    },
)


_Image = Annotated[
    str,
    Meta(
        pattern=r"^(build|[a-z0-9][a-zA-Z0-9.:-]*/[a-z0-9._/-]+(:[A-Za-z0-9_][A-Za-z0-9._-]*|@sha256:[0-9a-f]{64}))\Z",
        description="'build' (the project's own) or registry/repository with :tag or @sha256:...",
    ),
]


class Settings(ScorerSettings, frozen=True, forbid_unknown_fields=True, rename="camel"):
    interval_seconds: Annotated[float, Meta(ge=0.01, le=3600)] = 5
    """Between two messages of the sensor."""
    sensor_image: _Image = OWN_IMAGE
    """Another one that behaves as Microsoft's simulated temperature sensor."""
    scorer_image: _Image = OWN_IMAGE
    """The model's scoring image as somebody built it elsewhere, for another processor: no gate runs it here, so what
    holds it back is its own readiness."""


def needs(settings: Settings) -> Needs:
    named = {"sensorImage": settings.sensor_image, "scorerImage": settings.scorer_image}
    return Needs(
        models=(MODEL,) if settings.scorer_image == OWN_IMAGE else (),
        images=(IMAGE_SENSOR,) if settings.sensor_image == OWN_IMAGE else (),
        published={name: image for name, image in named.items() if image != OWN_IMAGE},
    )


def content(images: Images, settings: Settings) -> LayerContent:
    ours = settings.sensor_image == OWN_IMAGE
    scorer = scorer_module(images[MODEL] if settings.scorer_image == OWN_IMAGE else settings.scorer_image, settings)
    sensor = Module(
        image=images[IMAGE_SENSOR] if ours else settings.sensor_image,
        # a published sensor may want to write to its root file system; ours does not
        create_options={"HostConfig": limited(SENDER_MEMORY_MB) if ours else LOGS},
        env={"MessageDelay": time_span(settings.interval_seconds), "MessageCount": "-1"},
        startup_order=2,
    )
    scored = output_to_input((MODULE_SENSOR, OUTPUT_SENSOR), (MODULE_SCORER, INPUT_SCORER))
    upstream = output_to_upstream((MODULE_SCORER, OUTPUT_SCORER))
    return LayerContent(
        modules={MODULE_SCORER: scorer, MODULE_SENSOR: sensor},
        routes={"sensorToScorer": Route(expression=scored), "scorerToUpstream": Route(expression=upstream)},
        feeds=(Feed(sender=MODULE_SENSOR, scorer=MODULE_SCORER, sends=TELEMETRY),),
    )


LAYER = Layer(settings=Settings, needs=needs, content=content)
