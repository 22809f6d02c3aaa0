"""A good configuration, and ways to spoil it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from clone.hyperparameters import declared_hyperparameters
from clone.root import ROOT
from dryrun import engine_config

GOOD: Mapping[str, Any] = {
    "edgeway:environment": "dev",
    "edgeway:location": "westeurope",
    "edgeway:models": [
        {
            "name": "anomaly",
            "train": {
                "data": {"source": "simulator", "seed": 0, "rows": 618},
                "hyperparameters": {"seed": 0},
                "thresholds": {"accuracy": 0.98, "recall": 0.97},
            },
            "endpoints": [{"kind": "containerGroup", "cpu": 1.0, "memoryGb": 1.0}],
        }
    ],
    "edgeway:layers": [
        {
            "name": "anomaly",
            "priority": 20,
            "targetCondition": "tags.model = 'anomaly'",
            "settings": {"intervalSeconds": 1},
        }
    ],
    "edgeway:devices": [{"id": "edge-01", "tags": {"model": "anomaly", "site": "lab"}, "host": "external"}],
    "edgeway:iotHub": {"sku": "S1", "units": 1, "partitions": 2, "retentionDays": 1},
    "edgeway:registry": {"sku": "Basic"},
    "edgeway:edgeRuntime": "1.6.2",
    "edgeway:baseImage": "python@sha256:" + 64 * "b",
}
Refused = tuple[tuple[str | int, ...], Any, list[str]]
"""Where in the configuration, the value that is put there, and what is told of it."""

MODEL = ("edgeway:models", 0)
LAYER = ("edgeway:layers", 0)
DEVICE = ("edgeway:devices", 0)
GONE = object()
SECOND_DEVICE = {"id": "edge-01", "tags": {"model": "anomaly"}, "host": "external"}


DECLARED = declared_hyperparameters(ROOT, ["anomaly"])
"""What the real model lets a stack set."""


def second(key: str, **other: Any) -> dict[str, Any]:
    """A second entry of a list: as the first, but for what is given."""
    return {**copy.deepcopy(GOOD[key][0]), **other}


def changed(*changes: tuple[tuple[str | int, ...], Any]) -> dict[str, str]:
    tree: Any = copy.deepcopy(dict(GOOD))
    for path, value in changes:
        node = tree
        for step in path[:-1]:
            node = node[step]
        if value is GONE:
            del node[path[-1]]
        elif isinstance(node, list) and path[-1] == len(node):
            node.append(value)
        else:
            node[path[-1]] = value
    return engine_config(tree)
