"""`mledge:docker:Image`: a container image built from `clone.build_context` and pushed; known by its digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from infra.resources import MledgeResource
from infra.resources.registered_model import ArtifactSourceArgs


@dataclass(frozen=True, kw_only=True)
class ImageArgs:
    login_server: pulumi.Input[str]
    repository: pulumi.Input[str]
    image: pulumi.Input[str]
    """Folder under `images/`."""
    context_digest: pulumi.Input[str]
    build_args: Mapping[str, str]
    """Of its Dockerfile: `BASE_IMAGE` alone."""
    artifact_digest: pulumi.Input[str] | None = None
    source: ArtifactSourceArgs | None = None
    rows_file: pulumi.Input[str] | None = None
    """Path in the clone of the rows that it sends."""
    model: pulumi.Input[str] | None = None
    """Whose packages the image of a training has."""


class Image(MledgeResource):
    resource_type = "mledge:docker:Image"
    outputs = ("ref",)

    def __init__(self, name: str, args: ImageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)

    @property
    def ref(self) -> pulumi.Output[str]:
        """`login/repository@sha256:...`"""
        return self.output("ref")
