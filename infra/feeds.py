"""What a layer's senders send, held against what the models take, before there is any resource.

A scorer drops what its model does not take, so without this a wrong sender is seen only on the device.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from clone.model_input import model_input
from clone.rows import Row, rows_of_file
from clone.training_inputs import TrainingInputs
from edge.manifest import Feed, Rows
from infra.schema import Misfit, misfit
from infra.settings.layers import PlannedLayer
from infra.settings.load import SettingsError
from infra.settings.tree import PROJECT
from infra.settings.wording import Problem

_MOST_ROWS = 5_000
"""Of a longer file, so many of it are compared: a fifth of a millisecond a row."""


def check_feeds(root: Path, layers: Sequence[PlannedLayer], training: Mapping[str, TrainingInputs]) -> None:
    """Raises SettingsError with the first misfit of each sender; golden examples fit, since the model answered them."""
    problems = [
        problem for layer in layers for feed in layer.planned.feeds for problem in _of_feed(root, layer, feed, training)
    ]
    if problems:
        raise SettingsError(problems)


def _of_feed(root: Path, layer: PlannedLayer, feed: Feed, training: Mapping[str, TrainingInputs]) -> Iterator[Problem]:
    samples = _samples(root, feed)
    model = layer.scorers.get(feed.scorer)
    schema = model_input(root, model, training[model].digest) if samples and model else None
    if schema is None:
        return
    for where, value in samples:
        if found := misfit(schema, value):
            yield Problem(f"{PROJECT}:layers[{layer.index}]", _told(layer, feed, str(model), where, found))
            return


def _samples(root: Path, feed: Feed) -> list[tuple[str, Any]]:
    if not isinstance(feed.sends, Rows):
        return [("", example) for example in feed.sends]
    if feed.sends.file is None:
        return []
    rows: list[Row] = rows_of_file(root, feed.sends.file)
    return [(f" ({row.where})", row.value) for row in rows[:: -(-len(rows) // _MOST_ROWS)]]


def _told(layer: PlannedLayer, feed: Feed, model: str, where: str, found: Misfit) -> str:
    return (
        f"{feed.sender} of the layer {layer.name} sends the model {model} what it does not take: "
        f"{found.path} is {found.sent}{where}; allowed: {found.allowed}"
    )
