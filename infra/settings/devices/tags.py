"""Tags of devices, of which one is the program's own."""

from __future__ import annotations

from collections.abc import Iterator

from infra.settings.layers import ENVIRONMENT_TAG
from infra.settings.tree import PROJECT, Settings
from infra.settings.wording import Problem, refused


def misfits(settings: Settings) -> Iterator[Problem]:
    for index, device in enumerate(settings.devices):
        if ENVIRONMENT_TAG in device.tags:
            yield refused(
                f"{PROJECT}:devices[{index}].tags.{ENVIRONMENT_TAG}",
                device.tags[ENVIRONMENT_TAG],
                f"nothing here: the tag is set from {PROJECT}:environment",
            )
