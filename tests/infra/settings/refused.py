"""Configurations that are refused, in the order of docs/errors.md: `(path, value, messages)`."""

from __future__ import annotations

from tests.infra.settings.good import DEVICE, GONE, LAYER, MODEL, SECOND_DEVICE, Refused, second
from tests.infra.settings.refusals.computes import COMPUTES
from tests.infra.settings.refusals.endpoints import ENDPOINTS
from tests.infra.settings.refusals.hosts import HOSTS
from tests.infra.settings.refusals.kubernetes import KUBERNETES
from tests.infra.settings.refused_values import VALUES

REFUSED: list[Refused] = [
    *VALUES,
    *ENDPOINTS,
    *COMPUTES,
    *HOSTS,
    *KUBERNETES,
    (
        ("edgeway:baseImage",),
        GONE,
        [
            'edgeway:baseImage: "python:3.11-slim-bookworm" is refused; allowed: name@sha256:<64 hex>, as `docker '
            "buildx imagetools inspect python:3.11-slim-bookworm` shows it: another machine may call something else "
            "so, and the bytes under a tag change"
        ],
    ),
    # devices
    (
        (*DEVICE, "id"),
        "edge 01",
        [
            'edgeway:devices[0].id: "edge 01" is refused; '
            "allowed: 1 to 32 of a-z, 0-9 and -, a letter first and no - last, as it stands in the certificates of the "
            "IoT Edge runtime"
        ],
    ),
    (
        ("edgeway:models", 1),
        second("edgeway:models", name="pump__two"),
        [
            'edgeway:models[1].name: "pump__two" is refused; allowed: no two _ in a row and none at the end, as it '
            "stands in the names of container groups and images, in which Azure and Docker refuse that"
        ],
    ),
    (
        ("edgeway:devices", 1),
        SECOND_DEVICE,
        ['edgeway:devices[1].id: "edge-01" is refused; allowed: a name that devices[0] has not, in any case'],
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
        (*DEVICE, "tags", "edgewayHost"),
        "vm",
        [
            'edgeway:devices[0].tags.edgewayHost: "vm" is refused; '
            "allowed: nothing here: the tag is set from the device's host"
        ],
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
        (*MODEL, "endpoints", 1),
        {"kind": "online", "traffic": [10, 10, 90], "latencyMs": 180_000, "workers": 64, "bodyLimitMb": 64},
        [
            "edgeway:models[0].endpoints[1].bodyLimitMb: 64 is refused; allowed: 1 to 56 with instanceType: "
            "Standard_DS2_v2 and workers: 64: half of the memory holds a body of each worker",
            "edgeway:models[0].endpoints[1].traffic: [10, 10, 90] is refused; allowed: shares in percent that rise to "
            "100, such as [10, 50, 100] or [100]",
            "edgeway:models[0].endpoints[1].latencyMs: 180000 is refused; allowed: 1 to 179000: a managed online "
            "endpoint itself gives up after 180 s",
        ],
    ),
    # processors of devices
    (
        (*DEVICE, "arch"),
        "riscv64",
        ['edgeway:devices[0].arch: "riscv64" is refused; allowed: amd64, arm64'],
    ),
    (
        (*DEVICE, "arch"),
        "arm64",
        [
            'edgeway:devices[0].arch: "arm64" is refused; allowed: amd64 where the layer anomaly targets edge-01, as '
            "scorer and sensor are built here, for amd64 alone: no wheel and no emulation of another processor is "
            "tried. Give it a layer whose images were built elsewhere and are named by @sha256:..., which its registry "
            "says are for arm64; a scorer of that kind serves once its own golden examples agree"
        ],
    ),
    # ports of a device
    (
        (*LAYER, "settings"),
        {"port": 5001, "expose": "lan"},
        [
            'edgeway:layers[0].settings.expose: "lan" is refused; allowed: device, or lan with secretsFolder, '
            "and a folder on the device that has scoring-key, tls.crt and tls.key"
        ],
    ),
    (
        (*LAYER, "settings"),
        {"port": 8883},
        [
            "edgeway:layers[0].settings.port: 8883 is refused; allowed: another than edgeHub's on every device: 443, "
            "5671, 8883"
        ],
    ),
    (
        (*LAYER, "settings", "port"),
        70000,
        ["edgeway:layers[0].settings.port: 70000 is refused; allowed: a whole number from 1 to 65_535"],
    ),
    # what does not go together at a place
    (
        (*MODEL, "endpoints", 0, "bodyLimitMb"),
        600,
        [
            "edgeway:models[0].endpoints[0].bodyLimitMb: 600 is refused; allowed: 1 to 512 with memoryGb: 1 and "
            "workers: 1: half of the memory holds a body of each worker"
        ],
    ),
    (
        (*LAYER, "settings"),
        {"memoryMb": 256, "workers": 4, "bodyLimitMb": 40},
        [
            "edgeway:layers[0].settings.bodyLimitMb: 40 is refused; allowed: 1 to 32 with memoryMb: 256 and "
            "workers: 4: half of the memory holds a body of each worker"
        ],
    ),
    (
        (*LAYER, "settings"),
        {"memoryMb": 100, "workers": 4},
        [
            "edgeway:layers[0].settings.workers: 4 is refused; allowed: 1 to 3 with memoryMb: 100: each worker loads "
            "the model, and has 32 MB or more"
        ],
    ),
    (
        (*MODEL, "endpoints", 0, "batch"),
        {"waitMs": 5},
        [
            "edgeway:models[0].endpoints[0].batch.waitMs: 5 is refused; allowed: 0 where batch.max is 1: nothing is "
            "run together"
        ],
    ),
    (
        (*LAYER, "targetCondition"),
        "deviceId IN ['edge-01', 'edge-02']",
        [
            """edgeway:layers[0].targetCondition: "deviceId IN ['edge-01', 'edge-02']" is refused; """
            "allowed: a condition over tags.<name> and deviceId (column 10: IoT Hub refuses IN in target conditions; "
            "use OR: (deviceId = 'edge-01' OR deviceId = 'edge-02'))"
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
