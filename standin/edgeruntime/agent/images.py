"""The hub's image: built from this clone's `hub/` folder, once for each content of it."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from docker.errors import ImageNotFound

if TYPE_CHECKING:
    from docker import DockerClient

FOLDER = Path(__file__).parent.parent / "hub"


class BuildFailed(Exception):
    """The image of the edge hub could not be built; the message ends with the build's own words."""


def hub_files() -> list[Path]:
    return sorted(path for path in FOLDER.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def content_digest() -> str:
    digest = hashlib.sha256()
    for path in hub_files():
        digest.update(
            f"{path.relative_to(FOLDER).as_posix()}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode()
        )
    return digest.hexdigest()


def ensure_hub_image(client: DockerClient, prefix: str, labels: Mapping[str, str]) -> str:
    """The image's name."""
    tag = f"{prefix}edgehub:{content_digest()[:12]}"
    try:
        client.images.get(tag)
    except ImageNotFound:
        _build(client, tag, labels)
    return tag


def _build(client: DockerClient, tag: str, labels: Mapping[str, str]) -> None:
    output: list[str] = []
    stream = client.api.build(
        fileobj=_context(), custom_context=True, tag=tag, labels=dict(labels), rm=True, forcerm=True, decode=True
    )
    for event in stream:
        output.append(event.get("stream", ""))
        if "error" in event:
            raise BuildFailed(f"{event['error']}: {''.join(output)[-2000:]}")


def _context() -> io.BytesIO:
    """Without times and owners, so that equal contents meet Docker's cache."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for path in hub_files():
            info = tarfile.TarInfo(path.relative_to(FOLDER).as_posix())
            content = path.read_bytes()
            info.size, info.mode = len(content), 0o644
            tar.addfile(info, io.BytesIO(content))
    archive.seek(0)
    return archive
