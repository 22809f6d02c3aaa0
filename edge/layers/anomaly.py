"""Scores a machine's telemetry where it arises: a sensor feeds the scorer of the model `anomaly`, which sends upstream.

Module names, inputs and outputs are those of `contracts.telemetry`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import Meta, Struct

from contracts.names import IMAGE_SENSOR
from contracts.telemetry import INPUT_SCORER, MODULE_SCORER, MODULE_SENSOR, OUTPUT_SCORER, OUTPUT_SENSOR
from edge.manifest import (
    OWN_IMAGE,
    Images,
    Layer,
    LayerContent,
    Module,
    Needs,
    Route,
    output_to_input,
    output_to_upstream,
)

MODEL = "anomaly"
_LOGS: Mapping[str, Any] = {"LogConfig": {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "3"}}}
_CONFINED: Mapping[str, Any] = {
    **_LOGS,
    "ReadonlyRootfs": True,
    "CapDrop": ["ALL"],
    "SecurityOpt": ["no-new-privileges"],
}


class Settings(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    interval_seconds: Annotated[float, Meta(ge=0.01, le=3600)] = 5
    """Between two messages of the sensor."""
    sensor_image: Annotated[
        str,
        Meta(
            pattern=r"^(build|[a-z0-9][a-zA-Z0-9.:-]*/[a-z0-9._/-]+(:[A-Za-z0-9_][A-Za-z0-9._-]*|@sha256:[0-9a-f]{64}))\Z",
            description="'build' (the project's own) or registry/repository with :tag or @sha256:...",
        ),
    ] = OWN_IMAGE
    """Another one that behaves as Microsoft's simulated temperature sensor."""
    memory_mb: Annotated[int, Meta(ge=32, le=1_048_576)] = 512
    """The scorer's limit, in MiB."""
    latency_ms: Annotated[int, Meta(ge=1, le=3_600_000)] = 2000
    """How long the scorer may take for an answer."""


def needs(settings: Settings) -> Needs:
    if settings.sensor_image == OWN_IMAGE:
        return Needs(models=(MODEL,), images=(IMAGE_SENSOR,))
    return Needs(models=(MODEL,), published={"sensorImage": settings.sensor_image})


def content(images: Images, settings: Settings) -> LayerContent:
    ours = settings.sensor_image == OWN_IMAGE
    scorer = Module(
        image=images[MODEL],
        create_options={"HostConfig": {**_CONFINED, "Memory": settings.memory_mb * 1024 * 1024}},
        env={"SCORING_TIMEOUT_MS": str(settings.latency_ms)},
        startup_order=1,
    )
    sensor = Module(
        image=images[IMAGE_SENSOR] if ours else settings.sensor_image,
        # a published sensor may want to write to its root file system; ours does not
        create_options={"HostConfig": _CONFINED if ours else _LOGS},
        env={"MessageDelay": time_span(settings.interval_seconds), "MessageCount": "-1"},
        startup_order=2,
    )
    scored = output_to_input((MODULE_SENSOR, OUTPUT_SENSOR), (MODULE_SCORER, INPUT_SCORER))
    upstream = output_to_upstream((MODULE_SCORER, OUTPUT_SCORER))
    return LayerContent(
        modules={MODULE_SCORER: scorer, MODULE_SENSOR: sensor},
        routes={"sensorToScorer": Route(expression=scored), "scorerToUpstream": Route(expression=upstream)},
    )


def time_span(seconds: float) -> str:
    """.NET's TimeSpan text, which the sensor's MessageDelay is: `00:00:00.1000000`."""
    ticks = round(seconds * 10_000_000)
    whole, fraction = divmod(ticks, 10_000_000)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    text = f"{hours:02d}:{minutes:02d}:{rest:02d}"
    return f"{text}.{fraction:07d}" if fraction else text


LAYER = Layer(settings=Settings, needs=needs, content=content)
