"""The plan of layers: what a configuration asks of `edge/layers/`, as pure values.

Checks look for what is impossible in it; the program deploys it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import msgspec

from edge.manifest import (
    PRIORITY_STEP,
    ConditionSyntaxError,
    Images,
    Layer,
    LayerContent,
    Module,
    Needs,
    layer_content,
    open_to_the_lan,
    parenthesised,
    parse_condition,
)
from infra.settings.tree import DeviceSettings, LayerSettings, Settings

ENVIRONMENT_TAG = "environment"
HOST_TAG = "edgewayHost"
"""Of a device whose machine the stack makes: a layer can mean those, and the local stack waits for the machine."""
Catalogue = Mapping[str, Layer[Any]]


@dataclass(frozen=True, kw_only=True)
class PlannedLayer:
    index: int
    """In `edgeway:layers`."""
    name: str
    environment: str
    priority: int
    condition: str
    """As configured."""
    layer: Layer[Any]
    settings: Any
    """Of the layer's own type."""

    @property
    def deployment(self) -> str:
        """The deployment's name in the hub."""
        return f"{self.environment}-{self.name.replace('_', '-')}"

    @property
    def target_condition(self) -> str:
        # `*` is a condition only by itself
        own = "deviceId != ''" if self.condition.strip() == "*" else parenthesised(self.condition)
        return parenthesised(f"tags.{ENVIRONMENT_TAG} = '{self.environment}' and {own}")

    @property
    def labels(self) -> dict[str, str]:
        models = {"model": "-".join(self.needs.models)} if self.needs.models else {}
        return {"environment": self.environment, **models}

    @property
    def needs(self) -> Needs:
        needs: Needs = self.layer.needs(self.settings)
        return needs

    def _made(self, images: Images) -> LayerContent:
        content: LayerContent = self.layer.content(images, self.settings)
        return content

    @property
    def planned(self) -> LayerContent:
        """Its content before any image is known: each is its own name."""
        needs = self.needs
        return self._made({name: name for name in (*needs.models, *needs.images, *needs.replays)})

    @property
    def scorers(self) -> dict[str, str]:
        """Module -> the model that it runs, of those that score."""
        models = self.needs.models
        return {name: str(module.image) for name, module in self.planned.modules.items() if module.image in models}

    def content(self, images: Images) -> dict[str, Any]:
        """What stands under `modulesContent`."""
        made = self._made(images)
        return layer_content(modules=made.modules, routes=made.routes)

    def modules_of(self, model: str) -> list[Module]:
        """Those that run the model's image."""
        made = self.planned
        return [made.modules[module] for module, its in self.scorers.items() if its == model]

    def sets(self) -> set[str]:
        """`module <name>` and `route <name>`, in words."""
        made = self.planned
        return {*(f"module {name}" for name in made.modules), *(f"route {name}" for name in made.routes)}

    def targets(self, twin: Mapping[str, object]) -> bool:
        return parse_condition(self.condition).matches(twin)


def plan(settings: Settings, catalogue: Catalogue) -> list[PlannedLayer]:
    """The layers that can be deployed. What cannot (unknown, of wrong settings, of a condition that cannot be read) is
    left out: `checks` has a finding for each."""
    return [
        PlannedLayer(
            index=index,
            name=entry.name,
            environment=settings.environment,
            priority=entry.priority,
            condition=entry.target_condition,
            layer=catalogue[entry.file],
            settings=msgspec.convert(entry.settings, catalogue[entry.file].settings, strict=False),
        )
        for index, entry in enumerate(settings.layers)
        if _can_be_planned(entry, catalogue)
    ]


def _can_be_planned(entry: LayerSettings, catalogue: Catalogue) -> bool:
    try:
        msgspec.convert(entry.settings, catalogue[entry.file].settings, strict=False)
        parse_condition(entry.target_condition)
    except (KeyError, msgspec.ValidationError, ConditionSyntaxError):
        return False
    return True


def tags_of(device: DeviceSettings, settings: Settings) -> dict[str, str]:
    """On the device's twin: its own, and what the program says of it."""
    hosted = {HOST_TAG: "vm"} if device.id in settings.vm_hosts else {}
    return {**device.tags, ENVIRONMENT_TAG: settings.environment, **hosted}


def twin(settings: Settings, index: int) -> dict[str, object]:
    """What of a device's twin a condition can read, before the device exists."""
    device = settings.devices[index]
    return {"deviceId": device.id, "tags": tags_of(device, settings)}


def why_nobody(condition: str, settings: Settings) -> str:
    """Of a condition that is true of no configured device: what of it cannot be."""
    read = parse_condition(condition)
    if read.looks_at_reported:
        return "what devices report is known to the hub alone, and to it only later"
    known = {tag for device in settings.devices for tag in tags_of(device, settings)}
    strange = sorted({path[1] for path in read.paths if path[0] == "tags" and path[1] not in known})
    if strange:
        return f"none has a tag {' or '.join(strange)}; their tags are {', '.join(sorted(known))}"
    return "no tags or ids of theirs make it true; they are text ('9' is not 9), and case counts"


def on_device(twin: Mapping[str, object], layers: Sequence[PlannedLayer]) -> list[PlannedLayer]:
    """The layers that a device gets, in the order in which the hub applies them."""
    return sorted((layer for layer in layers if layer.targets(twin)), key=lambda layer: layer.priority)


def open_ports(layers: Sequence[PlannedLayer]) -> Iterator[tuple[PlannedLayer, str, str]]:
    """Layer, module and, in words, each port that more than the device itself reaches."""
    for layer in layers:
        for name, module in layer.planned.modules.items():
            keyed = {f"port {port.published}" for port in module.ports if port.expose == "lan"}
            for port in dict.fromkeys(open_to_the_lan(module.docker())):
                asks = "with a key of the device's" if port in keyed else "and its manifest asks nobody for a key"
                yield layer, name, f"{port}, {asks}"


def collisions(layers: Sequence[PlannedLayer]) -> dict[tuple[str, ...], list[str]]:
    """Names of layers -> what each of them sets: of a later layer the whole module or route wins."""
    owners: dict[str, list[str]] = defaultdict(list)
    for layer in layers:
        for part in sorted(layer.sets()):
            owners[part].append(layer.name)
    shared: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for part, names in owners.items():
        if len(names) > 1:
            shared[tuple(names)].append(part)
    return shared


def too_close(entries: Sequence[LayerSettings]) -> list[tuple[int, int]]:
    """Indices of two layers whose priorities leave no room for a changed one beside the old one; the lower first."""
    ranked = sorted((entry.priority, index) for index, entry in enumerate(entries))
    return [(first, second) for (low, first), (high, second) in pairwise(ranked) if high - low < PRIORITY_STEP]
