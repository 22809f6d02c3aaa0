"""The build context of an image: which files of the clone go into it, under which paths.

Pure and shared by the two sides that must agree: the program digests the context (a change is a diff in preview), the
provider builds from it. Paths in a context are relative to the clone, so no local path enters a digest or the state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from clone import digests
from clone.errors import CloneError
from clone.source_files import source_files

# Folders of the clone that an image is made of, beside `images/<image>` (whose Dockerfile moves to the context's root).
SOURCES: Mapping[str, Sequence[str]] = {
    "scoring": ("images/edge_hub", "images/daemon_thread", "contracts"),
    "sensor": ("images/edge_hub", "images/daemon_thread", "contracts"),
}


class BuildContextError(CloneError):
    """The image cannot be assembled from the clone: names the missing thing and what there is."""


def build_context(root: Path, image: str, artifact_folder: Path | None) -> dict[str, Path]:
    """Path in the context -> file; with the artifact under `artifact/` where the image carries one."""
    if image not in SOURCES:
        raise BuildContextError(f"image {image!r}: unknown; there are {', '.join(sorted(SOURCES))}")
    dockerfile = root / "images" / image / "Dockerfile"
    if not dockerfile.is_file():
        raise BuildContextError(f"image {image!r}: images/{image}/Dockerfile is missing in this clone")
    context = {"Dockerfile": dockerfile}
    for folder in (f"images/{image}", *SOURCES[image]):
        context |= {path.relative_to(root).as_posix(): path for path in source_files(root, folder)}
        context |= _package_files(root, folder)
    context.pop(f"images/{image}/Dockerfile")
    if artifact_folder is not None:
        context |= {
            f"artifact/{path.relative_to(artifact_folder).as_posix()}": path
            for path in sorted(artifact_folder.rglob("*"))
            if path.is_file()
        }
    return dict(sorted(context.items()))


def context_digest(context: Mapping[str, Path]) -> str:
    return digests.of_files({name: path.read_bytes() for name, path in context.items()})


def _package_files(root: Path, folder: str) -> dict[str, Path]:
    """`__init__.py` of the packages above the folder, without which its modules have other names in the image."""
    parents = [parent for parent in Path(folder).parents if parent != Path()]
    files = {(parent / "__init__.py").as_posix(): root / parent / "__init__.py" for parent in parents}
    return {name: path for name, path in files.items() if path.is_file()}
