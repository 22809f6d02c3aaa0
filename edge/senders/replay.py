"""A layer that needs no code: a replay feeds a model's scorer, which sends upstream.

Modules and routes carry the layer's name, so that layers stand side by side on a device, each scorer fed by its own
sender alone.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, field

from contracts.telemetry import INPUT_SCORER, OUTPUT_SCORER
from edge.manifest import (
    Feed,
    Images,
    Layer,
    LayerContent,
    Module,
    Needs,
    Route,
    Rows,
    output_to_input,
    output_to_upstream,
)
from edge.senders.host import SENDER_MEMORY_MB, limited
from edge.senders.scorer import ScorerSettings, scorer_module
from edge.senders.time_span import time_span

GOLDEN_EXAMPLES = "goldenExamples"


class ReplaySettings(ScorerSettings, frozen=True, forbid_unknown_fields=True, rename="camel"):
    interval_seconds: Annotated[float, Meta(ge=0.01, le=3600)] = 5
    """Between two messages."""
    source: Annotated[
        str,
        Meta(
            pattern=rf"^({GOLDEN_EXAMPLES}|(?!/)(?!(.*/)?\.\.?/)[A-Za-z0-9._/ -]+\.(csv|jsonl))\Z",
            description=f"{GOLDEN_EXAMPLES}, or the path of a .csv or .jsonl file in the clone",
        ),
    ] = field(default=GOLDEN_EXAMPLES, name="from")
    loop: bool = True
    """From the first row again after the last one; else the sender falls silent then."""


def replay_layer(*, model: str, layer: str | None = None) -> Layer[ReplaySettings]:
    """For `edge/layers/<layer>.py`. `layer` is that file's name, where it is not the model's."""
    name = layer or model
    scorer, replay = f"{name}-scorer", f"{name}-replay"

    def rows(settings: ReplaySettings) -> Rows:
        return Rows(model=model, file=None if settings.source == GOLDEN_EXAMPLES else settings.source)

    def needs(settings: ReplaySettings) -> Needs:
        return Needs(models=(model,), replays={replay: rows(settings)})

    def content(images: Images, settings: ReplaySettings) -> LayerContent:
        sender = Module(
            image=images[replay],
            create_options={"HostConfig": limited(SENDER_MEMORY_MB)},
            env={"MessageDelay": time_span(settings.interval_seconds), "Loop": str(settings.loop).lower()},
            startup_order=2,
        )
        return LayerContent(
            modules={
                scorer: scorer_module(images[model], settings),
                replay: sender,
            },
            routes=_routes(name, replay, scorer),
            feeds=(Feed(sender=replay, scorer=scorer, sends=rows(settings)),),
        )

    return Layer(settings=ReplaySettings, needs=needs, content=content)


def _routes(name: str, sender: str, scorer: str) -> dict[str, Route]:
    scored = output_to_input((sender, "*"), (scorer, INPUT_SCORER))
    upstream = output_to_upstream((scorer, OUTPUT_SCORER))
    return {f"{name}-to-scorer": Route(expression=scored), f"{name}-to-upstream": Route(expression=upstream)}
