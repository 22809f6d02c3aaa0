"""A good configuration, ways to spoil it, and what each is told: `(path, value, messages)`."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

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
}
MODEL = ("edgeway:models", 0)
LAYER = ("edgeway:layers", 0)
DEVICE = ("edgeway:devices", 0)
GONE = object()
SECOND_DEVICE = {"id": "EDGE-01", "tags": {"model": "anomaly"}, "host": "external"}


def second(key: str, **other: Any) -> dict[str, Any]:
    """A second entry of a list: as the first, but for what is given."""
    return {**copy.deepcopy(GOOD[key][0]), **other}


def changed(*changes: tuple[tuple[str | int, ...], Any]) -> dict[str, str]:
    tree: Any = copy.deepcopy(dict(GOOD))
    for path, value in changes:
        place = tree
        for step in path[:-1]:
            place = place[step]
        if value is GONE:
            del place[path[-1]]
        elif isinstance(place, list) and path[-1] == len(place):
            place.append(value)
        else:
            place[path[-1]] = value
    return engine_config(tree)


REFUSED: list[tuple[tuple[str | int, ...], Any, list[str]]] = [
    # an unknown or missing key, at every depth
    (
        ("edgeway:region",),
        "westeurope",
        [
            "edgeway:region: unknown key; allowed are environment, location, models, edgeRuntime, layers, devices, "
            "iotHub, registry, operators, roleSettleSeconds, protect"
        ],
    ),
    (
        ("edgeway:location",),
        GONE,
        ["edgeway:location: missing; it has no default; allowed: a region's short name such as westeurope"],
    ),
    (
        (*MODEL, "treshold"),
        {},
        ["edgeway:models[0].treshold: unknown key; allowed are name, train, endpoints"],
    ),
    (
        (*MODEL, "train"),
        GONE,
        [
            "edgeway:models[0].train: missing; it has no default; "
            "allowed: the keys data, on, hyperparameters, thresholds"
        ],
    ),
    (
        (*MODEL, "train", "data"),
        {"source": "simulator", "rows": 618, "sead": 0},
        [
            "edgeway:models[0].train.data.sead: unknown key; allowed are source, seed, rows",
            "edgeway:models[0].train.data.seed: missing; it has no default; allowed: a whole number of 0 or more",
        ],
    ),
    (
        ("edgeway:iotHub", "skew"),
        1,
        ["edgeway:iotHub.skew: unknown key; allowed are sku, units, partitions, retentionDays"],
    ),
    # a wrong type
    (
        ("edgeway:models",),
        {"anomaly": {}},
        ['edgeway:models: {"anomaly": {}} is refused; allowed: a list of 1 or more'],
    ),
    (("edgeway:models",), [], ["edgeway:models: [] is refused; allowed: a list of 1 or more"]),
    (
        (*MODEL, "endpoints"),
        ["big"],
        ['edgeway:models[0].endpoints[0]: "big" is refused; allowed: the keys kind, cpu, memoryGb'],
    ),
    (
        (*MODEL, "train", "data"),
        "simulator",
        ['edgeway:models[0].train.data: "simulator" is refused; allowed: a tree with source: simulator or csv or url'],
    ),
    (
        (*MODEL, "train", "data", "rows"),
        "many",
        ['edgeway:models[0].train.data.rows: "many" is refused; allowed: a whole number from 100 to 1_000_000'],
    ),
    (
        (*MODEL, "train", "hyperparameters", "max_depth"),
        [3],
        [
            "edgeway:models[0].train.hyperparameters.max_depth: [3] is refused; "
            "allowed: true or false, a whole number, a number, a text"
        ],
    ),
    (
        ("edgeway:protect",),
        "yes",
        ['edgeway:protect: "yes" is refused; allowed: true or false'],
    ),
    (("edgeway:registry",), "Basic", ['edgeway:registry: "Basic" is refused; allowed: the keys sku']),
    # a wrong value
    (
        (*MODEL, "train", "thresholds", "accuracy"),
        98,
        ["edgeway:models[0].train.thresholds.accuracy: 98 is refused; allowed: a number from 0 to 1"],
    ),
    (
        (*MODEL, "train", "thresholds", "Accuracy!"),
        0.9,
        [
            "edgeway:models[0].train.thresholds.Accuracy!: is refused as a name; "
            "allowed: 2 to 32 of a-z, 0-9 and _, starting with a letter"
        ],
    ),
    (
        (*MODEL, "train", "data", "source"),
        "ftp",
        ['edgeway:models[0].train.data.source: "ftp" is refused; allowed: simulator or csv or url'],
    ),
    (
        (*MODEL, "train", "data"),
        {"source": "url", "url": "http://example.com/data.csv", "sha256": "abc"},
        [
            'edgeway:models[0].train.data.url: "http://example.com/data.csv" is refused; allowed: an https:// address',
            'edgeway:models[0].train.data.sha256: "abc" is refused; allowed: 64 digits of 0-9a-f',
        ],
    ),
    (
        (*MODEL, "name"),
        "Anomaly-1",
        ['edgeway:models[0].name: "Anomaly-1" is refused; allowed: 2 to 32 of a-z, 0-9 and _, starting with a letter'],
    ),
    (
        (*MODEL, "name"),
        "sensor",
        [
            "edgeway:layers[0].name: anomaly runs the model anomaly, which edgeway:models does not have; "
            "there are: sensor",
            'edgeway:models[0].name: "sensor" is refused; allowed: a name other than the sensor module\'s',
        ],
    ),
    (
        (*MODEL, "endpoints", 0, "cpu"),
        8,
        ["edgeway:models[0].endpoints[0].cpu: 8 is refused; allowed: a number from 0.1 to 4"],
    ),
    (
        (*MODEL, "endpoints", 0),
        {"kind": "online", "instances": 1},
        [
            "edgeway:models[0].endpoints[0].instances: unknown key; allowed are kind, cpu, memoryGb",
            'edgeway:models[0].endpoints[0].kind: "online" is refused; allowed: containerGroup',
        ],
    ),
    (
        (*MODEL, "endpoints", 0),
        {},
        ["edgeway:models[0].endpoints[0].kind: missing; it has no default; allowed: containerGroup"],
    ),
    (
        (*MODEL, "train", "on"),
        "cpu-cluster",
        ['edgeway:models[0].train.on: "cpu-cluster" is refused; allowed: here'],
    ),
    (
        ("edgeway:environment",),
        "Development",
        ['edgeway:environment: "Development" is refused; allowed: 2 to 8 of a-z and 0-9, starting with a letter'],
    ),
    (
        ("edgeway:location",),
        "West Europe",
        ['edgeway:location: "West Europe" is refused; allowed: a region\'s short name such as westeurope'],
    ),
    (
        ("edgeway:iotHub", "sku"),
        "B1",
        ['edgeway:iotHub.sku: "B1" is refused; allowed: F1, S1, S2, S3'],
    ),
    (
        ("edgeway:iotHub", "partitions"),
        64,
        ["edgeway:iotHub.partitions: 64 is refused; allowed: a whole number from 2 to 32"],
    ),
    (
        (*LAYER, "settings", "sensorImage"),
        "sensor",
        [
            'edgeway:layers[0].settings.sensorImage: "sensor" is refused; '
            "allowed: 'build' (the project's own) or registry/repository with :tag or @sha256:..."
        ],
    ),
    (
        (*LAYER, "settings"),
        {"interval": 5, "intervalSeconds": 0},
        [
            "edgeway:layers[0].settings.interval: unknown key; allowed are intervalSeconds, sensorImage",
            "edgeway:layers[0].settings.intervalSeconds: 0 is refused; allowed: a number from 0.01 to 3_600",
        ],
    ),
    (
        (*LAYER, "name"),
        "people",
        ['edgeway:layers[0].name: "people" is refused; allowed: a layer of edge/layers: anomaly'],
    ),
    (
        (*LAYER, "rings"),
        [{"name": "canary"}],
        ["edgeway:layers[0].rings: unknown key; allowed are name, targetCondition, priority, settings"],
    ),
    (
        ("edgeway:edgeRuntime",),
        "latest",
        ['edgeway:edgeRuntime: "latest" is refused; allowed: a version such as 1.6.1, in quotes'],
    ),
    (
        ("edgeway:operators",),
        [{"principalId": "me", "type": "User"}],
        [
            'edgeway:operators[0].principalId: "me" is refused; '
            "allowed: an object id such as 01234567-89ab-cdef-0123-456789abcdef"
        ],
    ),
    # devices
    (
        (*DEVICE, "id"),
        "edge 01",
        [
            'edgeway:devices[0].id: "edge 01" is refused; '
            "allowed: 1 to 63 letters, digits, - . and _, starting with a letter or digit"
        ],
    ),
    (
        ("edgeway:devices", 1),
        SECOND_DEVICE,
        ['edgeway:devices[1].id: "EDGE-01" is refused; allowed: a name that devices[0] has not, in any case'],
    ),
    (
        (*DEVICE, "tags", "line"),
        3,
        [
            "edgeway:devices[0].tags.line: 3 is refused; "
            "allowed: 1 to 256 letters, digits and - : . + % _ # * ? ! ( ) , = @ ; $ in quotes"
        ],
    ),
    (
        (*DEVICE, "tags", "site"),
        "lab 2",
        [
            'edgeway:devices[0].tags.site: "lab 2" is refused; '
            "allowed: 1 to 256 letters, digits and - : . + % _ # * ? ! ( ) , = @ ; $ in quotes"
        ],
    ),
    (
        (*DEVICE, "tags", "a.b"),
        "c",
        ["edgeway:devices[0].tags.a.b: is refused as a name; allowed: letters, digits and _, at most 64"],
    ),
    (
        (*DEVICE, "tags", "environment"),
        "prod",
        [
            'edgeway:devices[0].tags.environment: "prod" is refused; '
            "allowed: nothing here: the tag is set from edgeway:environment"
        ],
    ),
    (
        (*DEVICE, "host"),
        "vm",
        ['edgeway:devices[0].host: "vm" is refused; allowed: external'],
    ),
    # what spans several keys
    (
        (*LAYER, "priority"),
        11,
        [
            "edgeway:layers[0].priority: priority 11 is refused for a layer: it takes effect only above its base; "
            "20 or more is wanted"
        ],
    ),
    (
        ("edgeway:layers", 1),
        second("edgeway:layers", priority=21),
        [
            'edgeway:layers[1].name: "anomaly" is refused; allowed: a name that layers[0] has not, in any case',
            "edgeway:layers[1].priority: 21 is refused; allowed: 10 or more apart from the other layers' "
            "(layers[0] has 20), because a changed layer runs beside the old one at priority + 1",
        ],
    ),
    (
        ("edgeway:models", 1),
        second("edgeway:models"),
        ['edgeway:models[1].name: "anomaly" is refused; allowed: a name that models[0] has not, in any case'],
    ),
    (
        (*MODEL, "endpoints", 1),
        {"kind": "containerGroup", "cpu": 2},
        [
            'edgeway:models[0].endpoints[1].kind: "containerGroup" is refused; '
            "allowed: a kind that endpoints[0] has not: a model has one of each"
        ],
    ),
    (
        (*LAYER, "targetCondition"),
        " ",
        [
            'edgeway:layers[0].targetCondition: " " is refused; '
            "allowed: a condition over tags.<name> and deviceId; an empty one targets no device"
        ],
    ),
    (
        ("edgeway:iotHub",),
        {"sku": "F1", "units": 1, "partitions": 4, "retentionDays": 1},
        ["edgeway:iotHub.partitions: 4 is refused; allowed: 2 with sku F1"],
    ),
    (
        ("edgeway:iotHub",),
        {"sku": "S3", "units": 11, "partitions": 4, "retentionDays": 1},
        ["edgeway:iotHub.units: 11 is refused; allowed: 1 to 10 with sku S3"],
    ),
    # as it was written before
    (
        (*MODEL, "serve"),
        {"cpu": 1, "memoryGb": 1},
        [
            "edgeway:models[0].serve: unknown key; it is now edgeway:models[0].endpoints: "
            '[{"kind": "containerGroup", "cpu": 1, "memoryGb": 1}]'
        ],
    ),
    (
        (*MODEL, "edge"),
        {"priority": 20, "targetCondition": "tags.model = 'anomaly'"},
        [
            "edgeway:models[0].edge: unknown key; it is now an entry of edgeway:layers: "
            '{"name": "anomaly", "priority": 20, "targetCondition": "tags.model = \'anomaly\'"}'
        ],
    ),
    (
        ("edgeway:sensor",),
        {"image": "build", "intervalSeconds": 5},
        [
            "edgeway:sensor: unknown key; it is now the settings of the layer anomaly in edgeway:layers: "
            '{"sensorImage": "build", "intervalSeconds": 5}'
        ],
    ),
]
