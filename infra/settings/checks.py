"""What makes single values of a configuration impossible together, or on this stack; and what is allowed but unwise."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from clone.model_names import model_problem
from contracts.names import MODEL_NAME, MODEL_NAME_ALLOWED
from contracts.thresholds import parse_threshold
from edge.manifest import (
    FIRST_LAYER_PRIORITY,
    OWN_IMAGE,
    PRIORITY_STEP,
    ConditionSyntaxError,
    Rows,
    parse_condition,
    priority_problem,
)
from infra.settings import computes, contents, hyperparameters, layers, places
from infra.settings.devices import architectures, hosts, sums, tags
from infra.settings.layers import Catalogue, PlannedLayer
from infra.settings.load import SettingsError
from infra.settings.tree import LOCAL, PROJECT, Settings
from infra.settings.wording import Problem, misfits, refused

# Its hub loses an MQTT CONNECT that arrives in one TCP segment with the TLS handshake's end (Azure/iotedge#7539).
_FLAWED_RUNTIMES = ("1.6.0", "1.6.1")
_F1_UNITS, _F1_PARTITIONS, _F1_RETENTION_DAYS = 1, 2, 1
_S3_UNITS = 10
_CONDITION = "a condition over tags.<name> and deviceId"
_PROJECT_NAME = re.compile(r"[a-z](?:-?[a-z0-9])*")


def check(
    settings: Settings,
    catalogue: Catalogue,
    secret_keys: Collection[str] = (),
    declared: hyperparameters.Declared = MappingProxyType({}),
    file: Path | None = None,
) -> list[PlannedLayer]:
    """The plan of layers of a configuration that can work; raises SettingsError with every finding. `declared` are the
    hyperparameters that models have, `file` the stack's own."""
    planned, unmade = contents.made(layers.plan(settings, catalogue))
    problems = [
        *_models(settings),
        *_thresholds(settings),
        *hyperparameters.misfits(settings, declared),
        *_endpoints(settings),
        *_repeated("computes", "name", [compute.name for compute in settings.computes]),
        *computes.misfits(settings),
        *_layers(settings, catalogue),
        *_conditions(settings),
        *_priorities(settings),
        *_devices(settings),
        *_repeated("operators", "principalId", [one.principal_id for one in settings.operators]),
        *unmade,
        *_collisions(settings, planned),
        *sums.misfits(settings, planned),
        *places.misfits(settings, planned),
        *architectures.misfits(settings, planned),
        *hosts.misfits(settings, planned),
        *_needs(settings, planned),
        *_image_names(settings, planned),
        *_replays(planned),
        *_hub(settings),
        *_runtime(settings),
        *_base_image(settings),
        *_published_images(settings, planned),
        *contents.in_plain_text(planned, secret_keys, file),
    ]
    if problems:
        raise SettingsError([one.withheld() if _top(one.key) in secret_keys else one for one in problems])
    return planned


def warnings(settings: Settings, planned: Sequence[PlannedLayer]) -> list[str]:
    """For settings that `check` has passed, and the plan that it gave; without those that `accept` names."""
    return [
        f"{text} ({PROJECT}:accept: [{name}] silences this)"
        for name, text in _warnings(settings, planned)
        if name not in settings.accept
    ]


def _warnings(settings: Settings, planned: Sequence[PlannedLayer]) -> Iterator[tuple[str, str]]:
    """Each by its name in `accept`."""
    runtime = f"{PROJECT}:edgeRuntime: {settings.edge_runtime}"
    if settings.edge_runtime in _FLAWED_RUNTIMES:
        what = "loses some MQTT connects of modules (Azure/iotedge#7539); take a newer patch when one is out"
        yield "flawedRuntime", f"{runtime} {what}"
    if _is_rolling_version(settings.edge_runtime):
        yield "rollingRuntime", f"{runtime} is a rolling tag: devices that start later run other code"
    for index, device in enumerate(settings.devices):
        if not layers.on_device(layers.twin(settings, index), planned):
            key = f"{PROJECT}:devices[{index}]"
            yield "deviceWithoutLayer", f"{key}: {device.id} is targeted by no layer: it runs no module"
    for layer, module, port in layers.open_ports(planned):
        key = f"{PROJECT}:layers[{layer.index}]"
        yield "openPort", f"{key}: the network of its devices reaches {module} at {port}"
    for layer in planned if settings.devices else ():
        if not any(layer.targets(layers.twin(settings, index)) for index in range(len(settings.devices))):
            key = f"{PROJECT}:layers[{layer.index}].targetCondition"
            why = layers.why_nobody(layer.condition, settings)
            yield "layerWithoutDevice", f"{key}: {layer.condition} targets none of {PROJECT}:devices: {why}"


def _models(settings: Settings) -> Iterator[Problem]:
    yield from _repeated("models", "name", [model.name for model in settings.models])
    for index, model in enumerate(settings.models):
        if allowed := model_problem(model.name):
            yield refused(f"{PROJECT}:models[{index}].name", model.name, allowed)


def check_project(name: str) -> None:
    """SettingsError for a name that Azure's rules refuse in a resource."""
    if not _PROJECT_NAME.fullmatch(name):
        allowed = (
            "a-z, 0-9 and single hyphens, starting with a letter, as it stands in the names of the Azure resources and "
            "begins DNS labels"
        )
        raise SettingsError([refused("name in Pulumi.yaml", name, allowed)])


def _thresholds(settings: Settings) -> Iterator[Problem]:
    for index, model in enumerate(settings.models):
        for metric, threshold in model.train.allowed_metrics().items():
            try:
                parse_threshold(threshold.as_dict())
            except ValueError as error:
                yield Problem(f"{PROJECT}:models[{index}].train.thresholds.{metric}", str(error))


def _endpoints(settings: Settings) -> Iterator[Problem]:
    for index, model in enumerate(settings.models):
        first: dict[str, int] = {}
        for entry, endpoint in enumerate(model.endpoints):
            if (other := first.setdefault(endpoint.kind, entry)) != entry:
                key = f"{PROJECT}:models[{index}].endpoints[{entry}].kind"
                yield refused(key, endpoint.kind, f"a kind that endpoints[{other}] has not: a model has one of each")


def _layers(settings: Settings, catalogue: Catalogue) -> Iterator[Problem]:
    yield from _repeated("layers", "name", [layer.name for layer in settings.layers])
    for index, entry in enumerate(settings.layers):
        key = f"{PROJECT}:layers[{index}]"
        if entry.layer is not None and not re.fullmatch(MODEL_NAME, entry.name):
            yield refused(f"{key}.name", entry.name, MODEL_NAME_ALLOWED)
        if entry.file in catalogue:
            secrets = {f"{key}.settings.{name}" for name in catalogue[entry.file].secrets if name not in entry.settings}
            for one in misfits(f"{key}.settings", entry.settings, catalogue[entry.file].settings):
                how = f"missing; it is a secret: {contents.encrypted(one.key)}"
                yield replace(one, reason=how) if one.key in secrets else one
        else:
            there = f"a layer of edge/layers: {', '.join(sorted(catalogue))}"
            yield refused(f"{key}.{'name' if entry.layer is None else 'layer'}", entry.file, there, fixed=there)


def _conditions(settings: Settings) -> Iterator[Problem]:
    for index, entry in enumerate(settings.layers):
        key, text = f"{PROJECT}:layers[{index}].targetCondition", entry.target_condition
        try:
            parse_condition(text)
        except ConditionSyntaxError as error:
            yield refused(key, text, f"{_CONDITION} ({error})", fixed=_CONDITION)
        if not text.strip():
            yield refused(key, text, f"{_CONDITION}; an empty one targets no device", fixed=_CONDITION)


def _priorities(settings: Settings) -> Iterator[Problem]:
    for index, entry in enumerate(settings.layers):
        if problem := priority_problem("layer", entry.priority):
            fixed = f"is refused; allowed: {FIRST_LAYER_PRIORITY} or more, up to what the hub can hold"
            yield Problem(f"{PROJECT}:layers[{index}].priority", problem, uncited=fixed)
    for first, second in layers.too_close(settings.layers):
        yield refused(
            f"{PROJECT}:layers[{second}].priority",
            settings.layers[second].priority,
            f"{PRIORITY_STEP} or more apart from the other layers' (layers[{first}] has "
            f"{settings.layers[first].priority}), because a changed layer runs beside the old one at priority + 1",
            fixed=f"{PRIORITY_STEP} or more apart from the other layers'",
        )


def _devices(settings: Settings) -> Iterator[Problem]:
    # the id in lower case is the host name of the device's gateway
    yield from _repeated("devices", "id", [device.id for device in settings.devices])
    yield from tags.misfits(settings)


def _collisions(settings: Settings, planned: Sequence[PlannedLayer]) -> Iterator[Problem]:
    for index, device in enumerate(settings.devices):
        theirs = layers.on_device(layers.twin(settings, index), planned)
        for names, parts in layers.collisions(theirs).items():
            if len(set(names)) == 1:
                continue  # one layer twice, which is told of its name
            yield Problem(
                f"{PROJECT}:devices[{index}].tags",
                f"{device.id} is targeted by {' and '.join(names)}; one of these layers a device is allowed, as each "
                f"sets the {' and the '.join(parts)}",
            )


def _needs(settings: Settings, planned: Sequence[PlannedLayer]) -> Iterator[Problem]:
    models = [model.name for model in settings.models]
    for layer in planned:
        for name in layer.needs.models:
            if name not in models:
                yield Problem(
                    f"{PROJECT}:layers[{layer.index}].name",
                    f"{layer.name} runs the model {name}, which {PROJECT}:models does not have; "
                    f"there are: {', '.join(models)}",
                    uncited=f"{layer.name} runs the model {name}, which {PROJECT}:models does not have",
                )


def _image_names(settings: Settings, planned: Sequence[PlannedLayer]) -> Iterator[Problem]:
    images = {image for layer in planned for image in layer.needs.images}
    for index, model in enumerate(settings.models):
        if model.name in images:
            yield refused(f"{PROJECT}:models[{index}].name", model.name, f"a name other than the {model.name} module's")


def _replays(planned: Sequence[PlannedLayer]) -> Iterator[Problem]:
    """Layers may share a replay, but not its name alone."""
    first: dict[str, tuple[PlannedLayer, Rows]] = {}
    for layer in planned:
        for name, rows in layer.needs.replays.items():
            other, its = first.setdefault(name, (layer, rows))
            if its != rows:
                yield Problem(
                    f"{PROJECT}:layers[{layer.index}].name",
                    f"{layer.name} calls its replay {name}, as {other.name} does, and sends other rows; a name of its "
                    f"own is allowed: replay_layer(..., layer={layer.name!r})",
                    cites_nothing=True,
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


def _base_image(settings: Settings) -> Iterator[Problem]:
    if settings.environment != LOCAL and "@sha256:" not in settings.base_image:
        how = f"docker buildx imagetools inspect {settings.base_image}"
        yield refused(
            f"{PROJECT}:baseImage",
            settings.base_image,
            f"name@sha256:<64 hex>, as `{how}` shows it: another machine may call something else so, and the bytes "
            "under a tag change",
        )


def _published_images(settings: Settings, planned: Sequence[PlannedLayer]) -> Iterator[Problem]:
    for layer in planned if settings.is_production else ():
        for name, image in layer.needs.published.items():
            if "@sha256:" not in image:
                key = f"{PROJECT}:layers[{layer.index}].settings.{name}"
                how = f"{OWN_IMAGE} or a @sha256:... reference: a tag can move on prod"
                yield refused(key, image, how, fixed=how)


def _repeated(key: str, name: str, values: list[str]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for index, value in enumerate(values):
        if (other := first.setdefault(value.lower(), index)) != index:
            other_one = f"a name that {key}[{other}] has not, in any case"
            yield refused(f"{PROJECT}:{key}[{index}].{name}", value, other_one, fixed=other_one)


def _top(key: str) -> str:
    return key.partition("[")[0].partition(".")[0]


def _is_rolling_version(version: str) -> bool:
    return version.count(".") < 2
