"""The build context of an image: which files of the clone go into it, under which paths.

Pure and shared by the two sides that must agree: the program digests the context (a change is a diff in preview), the
provider builds from it. Paths in a context are relative to the clone, so no local path enters a digest or the state.

An image that sends rows gets them as one file of JSON lines: of a file in the clone, which is part of the digest, or of
the artifact's golden examples, which are known once the model is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from clone import digests
from clone.errors import CloneError
from clone.rows import IMAGE_REPLAY, ROWS_FILE, packed_golden, packed_rows, rows_of_file
from clone.source_files import source_files
from contracts.card import load_card
from contracts.names import IMAGE_SCORING

IMAGE_TRAINING = "training"
IMAGE_SCORING_GPU = "scoring_gpu"
"""The scoring image, of other packages: all else is that image's."""
LOCK_FILE = "requirements.lock"
"""Of the packages that the image of a training installs."""
# Folders of the clone that an image is made of, beside `images/<image>` (whose Dockerfile moves to the context's root).
SOURCES: Mapping[str, Sequence[str]] = {
    "image_capture": (
        "images/edge_hub",
        "images/sending",
        "images/daemon_thread",
        "images/stripping",
        "contracts",
    ),
    IMAGE_REPLAY: ("images/edge_hub", "images/sending", "images/daemon_thread", "images/stripping", "contracts"),
    # of first-contact alone: no stack has it
    "probe": ("images/stripping",),
    IMAGE_SCORING: ("images/edge_hub", "images/daemon_thread", "images/stripping", "contracts"),
    IMAGE_SCORING_GPU: (),
    "sensor": ("images/edge_hub", "images/sending", "images/daemon_thread", "images/stripping", "contracts"),
    # which gets a model's lock
    IMAGE_TRAINING: (),
}


@dataclass(frozen=True, slots=True)
class Read:
    """A file as it was once."""

    content: bytes
    runs: bool
    """Whether its owner may execute it."""


Entry = Path | bytes | Read
Context = Mapping[str, Entry]
"""Path in the context -> the file, or what it holds."""


class BuildContextError(CloneError):
    """The image cannot be assembled from the clone: names the missing thing and what there is."""


def build_context(
    root: Path, image: str, artifact_folder: Path | None, *, rows: str | None = None, lock: bytes | None = None
) -> dict[str, Entry]:
    """With the artifact under `artifact/` where the image carries one, or the rows that it sends: `rows` is the path of
    their file in the clone, without one they are those of the artifact. `lock` is a training's. Raises CloneError."""
    context = dict[str, Entry](_code(root, image))
    if lock is not None:
        context[LOCK_FILE] = lock
    if rows is not None:
        context[ROWS_FILE] = packed_rows(rows_of_file(root, rows))
    elif artifact_folder is not None and image == IMAGE_REPLAY:
        context[ROWS_FILE] = packed_golden(load_card(artifact_folder))
    elif artifact_folder is not None:
        context |= {
            f"artifact/{path.relative_to(artifact_folder).as_posix()}": path
            for path in sorted(artifact_folder.rglob("*"))
            if path.is_file() and "__pycache__" not in path.parts
        }
    return dict(sorted(context.items()))


def context_digest(context: Context) -> str:
    return digests.of_files({name: content_of(entry) for name, entry in context.items()})


def as_read(context: Context) -> dict[str, Entry]:
    """What its files hold now: what is packed of it is what was digested, whoever writes to the clone meanwhile."""
    return {name: Read(content_of(entry), runs(entry)) for name, entry in context.items()}


def content_of(entry: Entry) -> bytes:
    if isinstance(entry, Path):
        return entry.read_bytes()
    return entry if isinstance(entry, bytes) else entry.content


def runs(entry: Entry) -> bool:
    if isinstance(entry, Path):
        return bool(entry.stat().st_mode & 0o100)
    return isinstance(entry, Read) and entry.runs


def _code(root: Path, image: str) -> dict[str, Path]:
    if image == IMAGE_SCORING_GPU:
        lock = f"images/{IMAGE_SCORING}/{LOCK_FILE}"
        return {**_code(root, IMAGE_SCORING), lock: root / "images" / IMAGE_SCORING_GPU / LOCK_FILE}
    if image not in SOURCES:
        raise BuildContextError(f"image {image!r}: unknown; there are {', '.join(sorted(SOURCES))}")
    dockerfile = root / "images" / image / "Dockerfile"
    if not dockerfile.is_file():
        raise BuildContextError(f"image {image!r}: images/{image}/Dockerfile is missing in this clone")
    files = {"Dockerfile": dockerfile}
    for folder in (f"images/{image}", *SOURCES[image]):
        files |= {path.relative_to(root).as_posix(): path for path in source_files(root, folder)}
        files |= _package_files(root, folder)
    files.pop(f"images/{image}/Dockerfile")
    return files


def _package_files(root: Path, folder: str) -> dict[str, Path]:
    """`__init__.py` of the packages above the folder, without which its modules have other names in the image."""
    parents = [parent for parent in Path(folder).parents if parent != Path()]
    files = {(parent / "__init__.py").as_posix(): root / parent / "__init__.py" for parent in parents}
    return {name: path for name, path in files.items() if path.is_file()}
