"""Single keys and values that are refused, and what each is told."""

from __future__ import annotations

from edge.layers import catalogue
from tests.infra.settings.good import GONE, LAYER, MODEL, Refused

PERSON = "11111111-2222-4333-8444-555555555555"

VALUES: list[Refused] = [
    # an unknown or missing key, at every depth
    (
        ("edgeway:region",),
        "westeurope",
        [
            "edgeway:region: unknown key; allowed are environment, location, models, edgeRuntime, baseImage, computes, "
            "layers, devices, iotHub, registry, operators, existing, roleSettleSeconds, protect, accept"
        ],
    ),
    (
        ("edgeway:accept",),
        ["flawedRuntime", "everything"],
        [
            'edgeway:accept[1]: "everything" is refused; '
            "allowed: deviceWithoutLayer, flawedRuntime, layerWithoutDevice, openPort, rollingRuntime"
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
        ["edgeway:models[0].treshold: unknown key; allowed are name, train, endpoints, gate, gpu"],
    ),
    (
        (*MODEL, "train"),
        None,
        ["edgeway:models[0].train: null is refused; allowed: the keys data, on, attempt, hyperparameters, thresholds"],
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
        [
            'edgeway:models[0].endpoints[0]: "big" is refused; allowed: a tree with kind: containerGroup or online or '
            "kubernetes"
        ],
    ),
    (
        (*MODEL, "train", "data"),
        "simulator",
        [
            'edgeway:models[0].train.data: "simulator" is refused; '
            "allowed: a tree with source: simulator or csv or url or none"
        ],
    ),
    (
        (*MODEL, "train", "data", "rows"),
        "many",
        ['edgeway:models[0].train.data.rows: "many" is refused; allowed: a whole number from 1 to 1_000_000'],
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
        (*MODEL, "train", "hyperparameters"),
        {"depth": 3, "seed": -1, "criterion": "best"},
        [
            "edgeway:models[0].train.hyperparameters.depth: unknown hyperparameter; "
            "allowed are criterion, max_depth, min_samples_leaf, seed",
            "edgeway:models[0].train.hyperparameters.seed: -1 is refused; allowed: a whole number from 0 to 4294967295",
            'edgeway:models[0].train.hyperparameters.criterion: "best" is refused; allowed: gini, entropy, log_loss',
        ],
    ),
    (
        ("edgeway:protect",),
        "yes",
        ['edgeway:protect: "yes" is refused; allowed: true or false'],
    ),
    (("edgeway:registry",), "Basic", ['edgeway:registry: "Basic" is refused; allowed: the keys sku, passwordRotation']),
    # a wrong value
    (
        (*MODEL, "train", "thresholds", "accuracy"),
        "high",
        [
            'edgeway:models[0].train.thresholds.accuracy: "high" is refused; '
            "allowed: a number (the least allowed), or a tree of min, max or both"
        ],
    ),
    (
        (*MODEL, "train", "thresholds", "mae"),
        {"most": 0.5},
        ["edgeway:models[0].train.thresholds.mae.most: unknown key; allowed are min, max"],
    ),
    (
        (*MODEL, "train", "thresholds", "mae"),
        {"min": 2, "max": 1},
        ["edgeway:models[0].train.thresholds.mae: min 2 is above max 1: that allows nothing"],
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
        ['edgeway:models[0].train.data.source: "ftp" is refused; allowed: simulator or csv or url or none'],
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
        (*MODEL, "endpoints", 0, "latencyMs"),
        0,
        ["edgeway:models[0].endpoints[0].latencyMs: 0 is refused; allowed: a whole number from 1 to 3_600_000"],
    ),
    (
        (*MODEL, "gate"),
        {"network": "sometimes", "startSecs": 60},
        [
            "edgeway:models[0].gate.startSecs: unknown key; allowed are network, startSeconds",
            'edgeway:models[0].gate.network: "sometimes" is refused; allowed: true or false',
        ],
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
        (*LAYER, "settings", "memoryMb"),
        8,
        ["edgeway:layers[0].settings.memoryMb: 8 is refused; allowed: a whole number from 32 to 1_048_576"],
    ),
    (
        (*LAYER, "settings"),
        {"interval": 5, "intervalSeconds": 0},
        [
            "edgeway:layers[0].settings.interval: unknown key; allowed are intervalSeconds, sensorImage, scorerImage, "
            "latencyMs, bodyLimitMb, workers, batch, memoryMb, gpu, port, expose, secretsFolder",
            "edgeway:layers[0].settings.intervalSeconds: 0 is refused; allowed: a number from 0.01 to 3_600",
        ],
    ),
    (
        (*LAYER, "name"),
        "people",
        [f'edgeway:layers[0].name: "people" is refused; allowed: a layer of edge/layers: {", ".join(catalogue())}'],
    ),
    (
        (*LAYER, "rings"),
        [{"name": "canary"}],
        ["edgeway:layers[0].rings: unknown key; allowed are name, targetCondition, priority, settings, layer"],
    ),
    (
        ("edgeway:edgeRuntime",),
        "latest",
        ['edgeway:edgeRuntime: "latest" is refused; allowed: a version such as 1.6.1, in quotes'],
    ),
    (
        ("edgeway:baseImage",),
        f"python:3.11@sha256:{64 * 'b'}",
        [
            f'edgeway:baseImage: "python:3.11@sha256:{60 * "b"}... is refused; '
            "allowed: name@sha256:<64 hex>, or name:tag on the stack 'local'"
        ],
    ),
    (
        ("edgeway:operators",),
        [{"principalId": "me", "type": "User"}],
        [
            'edgeway:operators[0].principalId: "me" is refused; '
            "allowed: an object id such as 01234567-89ab-cdef-0123-456789abcdef"
        ],
    ),
    (
        ("edgeway:operators",),
        [{"principalId": PERSON, "type": "User"}, {"principalId": PERSON, "type": "Group"}],
        [
            f'edgeway:operators[1].principalId: "{PERSON}" is refused; '
            "allowed: a name that operators[0] has not, in any case"
        ],
    ),
    (
        ("edgeway:existing",),
        {"resourceGroup": "rg/theirs."},
        [
            'edgeway:existing.resourceGroup: "rg/theirs." is refused; '
            "allowed: a resource group's name: 1 to 90 letters, digits, - _ ( ) and ., not ending in ."
        ],
    ),
    (
        ("edgeway:existing",),
        {"iotHub": "theirs"},
        [
            "edgeway:existing.iotHub: unknown key; allowed are resourceGroup",
            "edgeway:existing.resourceGroup: missing; it has no default; "
            "allowed: a resource group's name: 1 to 90 letters, digits, - _ ( ) and ., not ending in .",
        ],
    ),
]
