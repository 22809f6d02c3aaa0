"""The sensor module's image: the project's own, or a published one that behaves the same."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from contracts.names import IMAGE_SENSOR, SENSOR_REPOSITORY
from infra.resources.image import Image, ImageArgs


@dataclass(frozen=True, kw_only=True)
class SensorImageArgs:
    login_server: pulumi.Input[str]
    image_context_digest: str


class SensorImage(pulumi.ComponentResource):
    def __init__(self, name: str, args: SensorImageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("edgeway:infra:SensorImage", name, None, opts)
        self.image = Image(
            name,
            ImageArgs(
                login_server=args.login_server,
                repository=SENSOR_REPOSITORY,
                image=IMAGE_SENSOR,
                context_digest=args.image_context_digest,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"image": self.image.ref})
