"""`images/replay` with the rows that it sends: those of a file in the clone, or a model's golden examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from clone.rows import IMAGE_REPLAY
from edge.manifest import Rows
from infra.components.devices.module_image import module_repository
from infra.resources.image import Image, ImageArgs
from infra.resources.registered_model import ArtifactSourceArgs


@dataclass(frozen=True, kw_only=True)
class ReplayImageArgs:
    rows: Rows
    login_server: pulumi.Input[str]
    image_context_digest: str
    build_args: Mapping[str, str]
    artifact_digest: pulumi.Input[str]
    """Of the model, whose golden examples it may send."""
    source: ArtifactSourceArgs


class ReplayImage(pulumi.ComponentResource):
    def __init__(self, name: str, args: ReplayImageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("edgeway:infra:ReplayImage", name, None, opts)
        # the rows of a file need no model: a retrain leaves their image as it is
        golden = args.rows.file is None
        self.image = Image(
            name,
            ImageArgs(
                login_server=args.login_server,
                repository=module_repository(name),
                image=IMAGE_REPLAY,
                context_digest=args.image_context_digest,
                build_args=args.build_args,
                artifact_digest=args.artifact_digest if golden else None,
                source=args.source if golden else None,
                rows_file=args.rows.file,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"image": self.image.ref})
