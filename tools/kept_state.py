"""Keeps a copy of a stack's state that can be read, and puts it back where the state itself cannot.

    kept_state.py keep FOLDER STACK KEPT    before a run; exits with 1 where there is no room to write a state whole
    kept_state.py mend FOLDER STACK KEPT    before anything reads it; exits with 3 where none can be read
    kept_state.py forget FOLDER STACK KEPT  after a `down`: takes away a state that cannot be read, with its copies

FOLDER is the `.pulumi` of a backend that is a folder, KEPT where the copies lie. Pulumi writes the state in place, and
its backup of it too: a disk that is full leaves both with 0 bytes.
https://github.com/pulumi/pulumi/blob/v3.230.0/pkg/backend/diy/state.go
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

PROJECT = "edgeway"
ROOM_BYTES = 64 * 1024 * 1024
"""What a run may write beside images: states, histories, logs."""
_NONE_READABLE = 3


def state_file(folder: Path, stack: str) -> Path | None:
    """None where there is no such stack."""
    stem = folder / "stacks" / PROJECT / f"{stack}.json"
    return next((file for file in (stem, stem.with_name(f"{stack}.json.gz")) if file.exists()), None)


def is_readable(file: Path) -> bool:
    try:
        content = file.read_bytes()
        document = json.loads(gzip.decompress(content) if file.name.removesuffix(".bak").endswith(".gz") else content)
    except (OSError, ValueError, EOFError, RecursionError):
        return False
    return isinstance(document, dict) and isinstance(document.get("checkpoint"), dict)


def keep(folder: Path, stack: str, kept: Path) -> str | None:
    """Why a run should not begin; None where it may."""
    kept.mkdir(mode=0o700, parents=True, exist_ok=True)
    free = shutil.disk_usage(folder if folder.exists() else kept).free
    if free < ROOM_BYTES:
        return (
            f"{free / 1e6:.0f} MB are free at {folder}, and a run may write {ROOM_BYTES / 1e6:.0f}: a state that is "
            "written half cannot be read again. Make room first"
        )
    file = state_file(folder, stack)
    if file is not None and is_readable(file):
        _copy(file, kept / file.name)
    return None


def copies(file: Path, kept: Path) -> Iterator[Path]:
    """Those that can be read, the newest first."""
    found = [file.with_name(f"{file.name}.bak"), kept / file.name]
    yield from sorted(filter(is_readable, found), key=lambda one: one.stat().st_mtime, reverse=True)


def mend(folder: Path, stack: str, kept: Path) -> str | None:
    """What was done; None where there was nothing to do. Raises LookupError where there is no copy."""
    file = state_file(folder, stack)
    if file is None:
        return None
    _remove_broken_attributes(file)
    if is_readable(file):
        return None
    copy = next(copies(file, kept), None)
    if copy is None:
        raise LookupError(f"the state of the stack '{stack}' cannot be read ({file}, {file.stat().st_size} bytes)")
    _copy(copy, file)
    restored(stack, kept).touch(mode=0o600)
    time = datetime.fromtimestamp(copy.stat().st_mtime).astimezone()
    return f"the state of the stack '{stack}' could not be read; that of {time:%Y-%m-%d %H:%M:%S} was put back ({copy})"


def _remove_broken_attributes(file: Path) -> None:
    """Beside each file of such a backend lies what it is to a store (type, hash), which nothing needs. Where it was cut
    off, the file itself can no longer be opened. https://pkg.go.dev/gocloud.dev/blob/fileblob#Options"""
    for one in (file, file.with_name(f"{file.name}.bak")):
        attributes = one.with_name(f"{one.name}.attrs")
        with suppress(FileNotFoundError):
            try:
                json.loads(attributes.read_bytes())
            except ValueError:
                attributes.unlink()


def restored(stack: str, kept: Path) -> Path:
    """There from then on until `down` is through: what was made since the copy is in no state."""
    return kept / f"{stack}.restored"


def forget(folder: Path, stack: str, kept: Path) -> None:
    file = state_file(folder, stack)
    restored(stack, kept).unlink(missing_ok=True)
    if file is not None and not is_readable(file):
        for one in (file, file.with_name(f"{file.name}.bak"), kept / file.name):
            one.unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    """Whole or not at all, and on the disk."""
    fresh = target.with_name(f"{target.name}.fresh")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(source.read_bytes())
            file.flush()
            os.fsync(file.fileno())
        written = source.stat().st_mtime
        os.utime(fresh, (written, written))
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)


def main(action: str, folder: str, stack: str, kept: str) -> int:
    places = (Path(folder), stack, Path(kept))
    try:
        if action == "forget":
            forget(*places)
            return 0
        said = keep(*places) if action == "keep" else mend(*places)
    except LookupError as error:
        print(error)
        return _NONE_READABLE
    except OSError as error:
        print(f"the state of the stack '{stack}' cannot be copied: {error}")
        return 1
    if said:
        print(said)
    return 1 if said and action == "keep" else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
