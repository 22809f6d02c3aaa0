"""What a stack wants of devices: its layers as they stand in the hub, and the devices that each means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from cli.errors import Failed
from cli.stack.outputs import Outputs
from cloud.iot_hub import Configuration
from edge.manifest import module_names


class Hub(Protocol):
    """What of `cloud.iot_hub.IotHub` a roll-out is asked of."""

    host: str

    def configurations(self) -> list[Configuration]: ...
    def edge_devices_where(self, condition: str) -> list[str]: ...
    def module_twin(self, device_id: str, module_id: str) -> dict[str, Any]: ...
    def agent_answers(self, device_id: str) -> bool: ...
    def module_logs(self, device_id: str, module: str, *, tail: int) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    name: str
    configuration: str
    """Its id in the hub."""
    condition: str
    modules: tuple[str, ...]
    models: Mapping[str, str]
    """Version -> the model's name: a message of each is wanted."""
    devices: frozenset[str]
    """Those of the stack; the condition may mean others of the hub too."""

    def is_voice(self, module: str | None) -> bool:
        """Whether a message of this module speaks for the layer: another layer may run the same model."""
        return module in self.modules or not self.modules


def wanted_layers(stack: Outputs, hub: Hub) -> list[Layer]:
    entries = stack["layers"]
    standing = {one.id: one for one in hub.configurations()} if entries else {}
    return [_layer(stack, name, entry, standing, hub.host) for name, entry in sorted(entries.items())]


def _layer(
    stack: Outputs, name: str, entry: Mapping[str, Any], standing: Mapping[str, Configuration], host: str
) -> Layer:
    live = standing.get(entry["configuration"])
    if live is None:
        raise Failed(
            f"layer {name!r}: its deployment {entry['configuration']} does not stand in {host}; "
            f"`make up STACK={stack.stack}` puts it there"
        )
    return Layer(
        name=name,
        configuration=live.id,
        condition=live.target_condition,
        modules=tuple(module_names(live.modules_content)),
        models={str(stack["models"][model]["version"]): model for model in entry["models"]},
        devices=frozenset(entry["devices"]),
    )


def layers_of_devices(hub: Hub, layers: Sequence[Layer]) -> dict[str, tuple[Layer, ...]]:
    """Those of the stack at once, and whichever else the hub finds: its index of twins lags behind."""
    meant = {layer.name: layer.devices | set(hub.edge_devices_where(layer.condition)) for layer in layers}
    return {
        device: tuple(layer for layer in layers if device in meant[layer.name])
        for device in sorted(frozenset().union(*meant.values()))
    }
