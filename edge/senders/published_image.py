"""The setting of a layer that names an image which the project does not build."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

PublishedImage = Annotated[
    str,
    Meta(
        pattern=r"^[^\s@]+(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}|@sha256:[0-9a-f]{64})\Z",
        description="registry/repository with :tag or @sha256:...",
    ),
]
