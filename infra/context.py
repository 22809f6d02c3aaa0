"""The build context of an image: which files of the clone go into it, under which paths.

Pure and shared by the two sides that must agree: the program digests the context (a change is a diff in preview), the
provider builds from it. Paths in a context are relative to the clone, so no local path enters a digest or the state.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from infra.refusal import Refusal

# Folders of the clone that an image is made of, beside `images/<image>` (whose Dockerfile moves to the context's root).
SOURCES: Mapping[str, Sequence[str]] = {
    "scoring": ("images/edge_hub", "images/daemon_thread", "contracts"),
    "sensor": ("images/edge_hub", "images/daemon_thread", "contracts"),
}

# What explains the code but does not run: a change in it must not build an image.
_PROSE = frozenset({".md", ".rst"})


class ContextError(Refusal):
    """The image cannot be assembled from the clone: names the missing thing and what there is."""


def source_files(root: Path, folder: str) -> Iterator[Path]:
    """Files below `root/folder` that count: nothing hidden, compiled or explanatory."""
    for path in sorted((root / folder).rglob("*")):
        inside = path.relative_to(root / folder).parts
        if path.is_file() and path.suffix not in _PROSE and not any(_left_out(part) for part in inside):
            yield path


def build_context(root: Path, image: str, artifact_folder: Path | None) -> dict[str, Path]:
    """Path in the context -> file; with the artifact under `artifact/` where the image carries one."""
    if image not in SOURCES:
        raise ContextError(f"image {image!r}: unknown; there are {', '.join(sorted(SOURCES))}")
    dockerfile = root / "images" / image / "Dockerfile"
    if not dockerfile.is_file():
        raise ContextError(f"image {image!r}: images/{image}/Dockerfile is missing in this clone")
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
    return files_digest({name: path.read_bytes() for name, path in context.items()})


def files_digest(files: Mapping[str, bytes]) -> str:
    """sha256 over the sorted names and the sha256 of what each holds: the digest that artifacts have too."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{hashlib.sha256(files[name]).hexdigest()}\n".encode())
    return digest.hexdigest()


def _left_out(part: str) -> bool:
    return part.startswith(".") or part == "__pycache__" or part.endswith(".pyc") or part.endswith("~")


def _package_files(root: Path, folder: str) -> dict[str, Path]:
    """`__init__.py` of the packages above the folder, without which its modules have other names in the image."""
    parents = [parent for parent in Path(folder).parents if parent != Path()]
    found = {(parent / "__init__.py").as_posix(): root / parent / "__init__.py" for parent in parents}
    return {name: path for name, path in found.items() if path.is_file()}
