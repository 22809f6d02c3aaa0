"""The hub's image: built from this clone's `hub/` folder, once for each content of it."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

from standin.containers import images
from standin.containers.docker_host import DockerHost

FOLDER = Path(__file__).parent.parent / "hub"


def hub_files() -> list[Path]:
    return sorted(path for path in FOLDER.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def content_digest() -> str:
    digest = hashlib.sha256()
    for path in hub_files():
        digest.update(
            f"{path.relative_to(FOLDER).as_posix()}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode()
        )
    return digest.hexdigest()


async def ensure_hub_image(docker: DockerHost) -> str:
    """The image's name. Raises BuildFailed."""
    tag = f"{docker.prefix}edgehub:{content_digest()[:12]}"
    await images.ensure_built(docker, tag, _context, docker.labels("image", image="edgehub"))
    return tag


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
