"""Which layer brings which image to a device of which processor, before any registry is asked.

What is built here is for amd64 alone: the base image, the wheels of the locks and Docker's build are tried for nothing
else. A device of another processor gets images that were built elsewhere, by digest: those bytes say what they are for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from infra.settings import layers
from infra.settings.layers import PlannedLayer
from infra.settings.tree import BUILT_FOR, LOCAL, PROJECT, DeviceSettings, Settings
from infra.settings.wording import Problem, refused


@dataclass(frozen=True, kw_only=True)
class Brought:
    """An image of a module that a layer brings to a device."""

    layer: PlannedLayer
    module: str
    device: DeviceSettings
    image: str

    @property
    def built_here(self) -> bool:
        needs = self.layer.needs
        return self.image in (*needs.models, *needs.images, *needs.replays)

    @property
    def key(self) -> str:
        """Where the configuration names the image; of one that the layer's own code names, the layer."""
        key = f"{PROJECT}:layers[{self.layer.index}]"
        setting = next((name for name, image in self.layer.needs.published.items() if image == self.image), None)
        return f"{key}.settings.{setting}" if setting else f"{key}.name"


def brought(settings: Settings, planned: Sequence[PlannedLayer]) -> list[Brought]:
    """To each device by each layer that targets it, of layers that a device of another processor gets."""
    pairs = [
        (device, layer)
        for index, device in enumerate(settings.devices)
        for layer in layers.on_device(layers.twin(settings, index), planned)
    ]
    mixed = {layer.name for device, layer in pairs if device.arch != BUILT_FOR}
    return [
        Brought(layer=layer, module=name, device=device, image=str(module.image))
        for device, layer in pairs
        if layer.name in mixed
        for name, module in layer.planned.modules.items()
    ]


def misfits(settings: Settings, planned: Sequence[PlannedLayer]) -> Iterator[Problem]:
    """What is known without a registry."""
    every = brought(settings, planned)
    for index, device in enumerate(settings.devices):
        if device.arch == BUILT_FOR:
            continue
        key = f"{PROJECT}:devices[{index}].arch"
        if settings.environment == LOCAL:
            yield refused(key, device.arch, f"{BUILT_FOR} on the stack {LOCAL}: its devices run on this machine")
            continue
        built = [one for one in every if one.device is device and one.built_here]
        for name in dict.fromkeys(one.layer.name for one in built):
            modules = " and ".join(one.module for one in built if one.layer.name == name)
            yield refused(key, device.arch, f"{BUILT_FOR} where the layer {name} targets {device.id}, {_why(modules)}")
    tags = {one.key: one for one in every if not one.built_here and "@sha256:" not in one.image}
    for key, one in tags.items():
        yield refused(key, one.image, "a @sha256:... reference where a device of arm64 gets it: a tag can be anything")


def _why(modules: str) -> str:
    return (
        f"as {modules} are built here, for {BUILT_FOR} alone: no wheel and no emulation of another processor is tried. "
        "Give it a layer whose images were built elsewhere and are named by @sha256:..., which its registry says are "
        "for arm64; a scorer of that kind serves once its own golden examples agree"
    )
