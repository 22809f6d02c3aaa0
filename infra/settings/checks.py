"""What makes single values of a configuration impossible together, or on this stack; and what is allowed but unwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from edge.manifest import (
    PRIORITY_STEP,
    ConditionSyntaxError,
    TargetCondition,
    parse_condition,
    priority_problem,
)
from infra.settings.load import SettingsError
from infra.settings.tree import PROJECT, Settings
from infra.settings.wording import Problem, refused

ENVIRONMENT_TAG = "environment"
# Its hub loses an MQTT CONNECT that arrives in one TCP segment with the TLS handshake's end (Azure/iotedge#7539).
_FLAWED_RUNTIMES = ("1.6.0", "1.6.1")
_F1_UNITS, _F1_PARTITIONS, _F1_RETENTION_DAYS = 1, 2, 1
_S3_UNITS = 10


def check(settings: Settings) -> None:
    rules: Sequence[Callable[[Settings], Iterator[Problem]]] = (
        _models,
        _conditions,
        _priorities,
        _devices,
        _one_scorer_a_device,
        _hub,
        _runtime,
        _sensor,
    )
    if problems := [problem for rule in rules for problem in rule(settings)]:
        raise SettingsError(problems)


def warnings(settings: Settings) -> list[str]:
    """For settings that `check` has passed."""
    found = []
    if settings.edge_runtime in _FLAWED_RUNTIMES:
        found.append(
            f"{PROJECT}:edgeRuntime: {settings.edge_runtime} loses some MQTT connects of modules (Azure/iotedge#7539); "
            "take a newer patch when one is out"
        )
    if _is_rolling_version(settings.edge_runtime):
        found.append(
            f"{PROJECT}:edgeRuntime: {settings.edge_runtime} is a rolling tag: devices that start later run other code"
        )
    conditions = [condition for _, condition in _parsed(settings)]
    for index, device in enumerate(settings.devices):
        if not any(condition.matches(_twin(settings, index)) for condition in conditions):
            found.append(f"{PROJECT}:devices[{index}]: {device.id} is targeted by no model: it runs no module")
    return found


def _models(settings: Settings) -> Iterator[Problem]:
    yield from _repeated("models", "name", [model.name for model in settings.models])
    for index, model in enumerate(settings.models):
        if model.name == "sensor":
            yield refused(f"{PROJECT}:models[{index}].name", model.name, "a name other than the sensor module's")


def _conditions(settings: Settings) -> Iterator[Problem]:
    for index, model in enumerate(settings.models):
        if model.edge is None:
            continue
        key = f"{PROJECT}:models[{index}].edge.targetCondition"
        text = model.edge.target_condition
        try:
            parse_condition(text)
        except ConditionSyntaxError as error:
            yield refused(key, text, f"a condition over tags.<name> and deviceId ({error})")
        if not text.strip():
            yield refused(key, text, "a condition over tags.<name> and deviceId; an empty one targets no device")


def _priorities(settings: Settings) -> Iterator[Problem]:
    used: list[tuple[int, int]] = []
    for index, model in enumerate(settings.models):
        if model.edge is not None:
            used.append((model.edge.priority, index))
            if problem := priority_problem("layer", model.edge.priority):
                yield Problem(f"{PROJECT}:models[{index}].edge.priority", problem)
    for (low, first), (high, second) in pairwise(sorted(used)):
        if high - low < PRIORITY_STEP:
            yield refused(
                f"{PROJECT}:models[{second}].edge.priority",
                high,
                f"{PRIORITY_STEP} or more apart from the other layers' (models[{first}] has {low}), because a "
                "changed layer runs beside the old one at priority + 1",
            )


def _devices(settings: Settings) -> Iterator[Problem]:
    # the id in lower case is the host name of the device's gateway
    yield from _repeated("devices", "id", [device.id for device in settings.devices])
    for index, device in enumerate(settings.devices):
        key = f"{PROJECT}:devices[{index}]"
        if ENVIRONMENT_TAG in device.tags:
            yield refused(
                f"{key}.tags.{ENVIRONMENT_TAG}",
                device.tags[ENVIRONMENT_TAG],
                f"nothing here: the tag is set from {PROJECT}:environment",
            )
        if device.host == "vm":
            yield refused(f"{key}.host", device.host, "external; a virtual machine in Azure is not built yet")


def _one_scorer_a_device(settings: Settings) -> Iterator[Problem]:
    conditions = _parsed(settings)
    for index, device in enumerate(settings.devices):
        names = [name for name, condition in conditions if condition.matches(_twin(settings, index))]
        if len(names) > 1:
            yield Problem(
                f"{PROJECT}:devices[{index}].tags",
                f"{device.id} is targeted by {' and '.join(names)}; one model a device is allowed, as each layer sets "
                "the module scorer",
            )


def _hub(settings: Settings) -> Iterator[Problem]:
    hub, key = settings.iot_hub, f"{PROJECT}:iotHub"
    if hub.sku == "F1":
        for name, value, limit in (
            ("units", hub.units, _F1_UNITS),
            ("partitions", hub.partitions, _F1_PARTITIONS),
            ("retentionDays", hub.retention_days, _F1_RETENTION_DAYS),
        ):
            if value != limit:
                yield refused(f"{key}.{name}", value, f"{limit} with sku F1")
    if hub.sku == "S3" and hub.units > _S3_UNITS:
        yield refused(f"{key}.units", hub.units, f"1 to {_S3_UNITS} with sku S3")


def _runtime(settings: Settings) -> Iterator[Problem]:
    if settings.is_production and _is_rolling_version(settings.edge_runtime):
        yield refused(
            f"{PROJECT}:edgeRuntime", settings.edge_runtime, "an exact patch such as 1.6.1: a rolling tag moves on prod"
        )


def _sensor(settings: Settings) -> Iterator[Problem]:
    image = settings.sensor.image
    if settings.is_production and not settings.sensor.is_built and "@sha256:" not in image:
        yield refused(f"{PROJECT}:sensor.image", image, "build or a @sha256:... reference: a tag can move on prod")


def _parsed(settings: Settings) -> list[tuple[str, TargetCondition]]:
    """Conditions that can be read; the others have their own finding."""
    found = []
    for model in settings.models:
        if model.edge is not None:
            try:
                found.append((model.name, parse_condition(model.edge.target_condition)))
            except ConditionSyntaxError:
                continue
    return found


def _twin(settings: Settings, index: int) -> dict[str, object]:
    device = settings.devices[index]
    return {"deviceId": device.id, "tags": {**device.tags, ENVIRONMENT_TAG: settings.environment}}


def _repeated(key: str, name: str, values: list[str]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for index, value in enumerate(values):
        if (other := first.setdefault(value.lower(), index)) != index:
            yield refused(f"{PROJECT}:{key}[{index}].{name}", value, f"a name that {key}[{other}] has not, in any case")


def _is_rolling_version(version: str) -> bool:
    return version.count(".") < 2
