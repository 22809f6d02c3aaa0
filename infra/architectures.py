"""Published images, held against the processors of the devices that get them, before there is any resource."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from infra.published import Unanswered, architectures
from infra.settings.devices.architectures import Brought, brought
from infra.settings.layers import PlannedLayer
from infra.settings.load import SettingsError
from infra.settings.tree import Settings
from infra.settings.wording import Problem, refused

Ask = Callable[[str], frozenset[str]]


def check_architectures(settings: Settings, layers: Sequence[PlannedLayer], ask: Ask = architectures) -> None:
    """Raises SettingsError. Registries are asked of layers that a device of another processor than amd64 gets."""
    wanted: dict[str, list[Brought]] = {}
    for one in brought(settings, layers):
        if not one.built_here:
            wanted.setdefault(one.image, []).append(one)
    problems = [problem for image, uses in wanted.items() for problem in _of_image(image, uses, ask)]
    if problems:
        raise SettingsError(problems)


def _of_image(image: str, uses: Sequence[Brought], ask: Ask) -> list[Problem]:
    keys = dict.fromkeys(one.key for one in uses)
    try:
        there = ask(image)
    except Unanswered as silence:
        allowed = f"an image that says which processor it is for, and {silence}; a device could not pull it either"
        return [refused(key, image, allowed) for key in keys]
    has = ", ".join(sorted(there)) or "none of Linux"
    return [
        refused(key, image, f"an image for {arch}, as {', '.join(devices)} is; this one is for {has}")
        for key in keys
        for arch, devices in _by_arch([one for one in uses if one.key == key]).items()
        if arch not in there
    ]


def _by_arch(uses: Sequence[Brought]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in uses:
        names = found.setdefault(one.device.arch, [])
        if one.device.id not in names:
            names.append(one.device.id)
    return found
