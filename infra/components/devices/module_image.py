"""An image of `images/<image>/` that devices run as a module, beside the scoring images of models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from contracts.names import REPOSITORY_PREFIX
from infra.resources.image import Image, ImageArgs


@dataclass(frozen=True, kw_only=True)
class ModuleImageArgs:
    image: str
    login_server: pulumi.Input[str]
    image_context_digest: str
    build_args: Mapping[str, str]


class ModuleImage(pulumi.ComponentResource):
    def __init__(self, name: str, args: ModuleImageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        # the token is that of the first such image: stacks hold it
        super().__init__("edgeway:infra:SensorImage", name, None, opts)
        self.image = Image(
            name,
            ImageArgs(
                login_server=args.login_server,
                repository=module_repository(args.image),
                image=args.image,
                context_digest=args.image_context_digest,
                build_args=args.build_args,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"image": self.image.ref})


def module_repository(name: str) -> str:
    """The registry repository of the image that layers call by this name."""
    return f"{REPOSITORY_PREFIX}/{name}"


def repository_of(image: str) -> str:
    """`plant/meter` of `registry.azurecr.io/plant/meter:1.0`, or of the same by digest."""
    path = image.partition("/")[2].partition("@")[0]
    return path.rpartition(":")[0] if ":" in path.rpartition("/")[2] else path
