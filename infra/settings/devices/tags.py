"""Tags of devices, of which one is the program's own."""

from __future__ import annotations

from collections.abc import Iterator

from infra.settings.layers import ENVIRONMENT_TAG, HOST_TAG
from infra.settings.tree import PROJECT, Settings
from infra.settings.wording import Problem, refused


def misfits(settings: Settings) -> Iterator[Problem]:
    for index, device in enumerate(settings.devices):
        for tag, source in ((ENVIRONMENT_TAG, f"{PROJECT}:environment"), (HOST_TAG, "the device's host")):
            if tag in device.tags:
                yield refused(
                    f"{PROJECT}:devices[{index}].tags.{tag}",
                    device.tags[tag],
                    f"nothing here: the tag is set from {source}",
                )
