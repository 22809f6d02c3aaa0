"""Files of a new model come whole or not at all: whatever ends the command takes back what it has placed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.errors import Refused


def is_taken(path: Path) -> bool:
    """Not by what Python has left of a folder that somebody, or git, removed."""
    if path.is_dir() and not path.is_symlink():
        return {one.name for one in path.iterdir()} != {"__pycache__"}
    return path.exists() or path.is_symlink()


class Placing:
    """What was placed so far; `with placing(root) as place` takes it back where the body raises."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._undo: list[Callable[[], object]] = []

    @contextmanager
    def folder(self, name: str) -> Iterator[Path]:
        """A folder to write into, which becomes `name` in the clone when the body ends."""
        final = self._free(name)
        final.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{final.name}.", dir=final.parent))
        try:
            part.chmod(0o755)
            yield part
            self._free(name)
            part.rename(final)
            self._undo.append(lambda: shutil.rmtree(final))
        finally:
            shutil.rmtree(part, ignore_errors=True)

    def file(self, name: str, text: str) -> None:
        """A new one."""
        final = self._free(name)
        self._write(final, text)
        self._undo.append(final.unlink)

    def changed(self, name: str, text: str) -> None:
        """One that is there; `text` has line feeds, and the file keeps its own line ends."""
        final = self._root / name
        before = final.read_bytes().decode()
        self._write(final, text.replace("\n", "\r\n") if "\r\n" in before else text)
        self._undo.append(lambda: self._write(final, before))

    def take_back(self) -> None:
        while self._undo:
            self._undo.pop()()

    def _free(self, name: str) -> Path:
        final = self._root / name
        if is_taken(final):
            raise Refused(f"{name} is there already, and nothing is overwritten: take another name, or remove it")
        if final.exists():
            shutil.rmtree(final)
        return final

    def _write(self, final: Path, text: str) -> None:
        part = final.with_name(f".{final.name}.part")
        try:
            part.write_text(text, "utf-8", newline="")
            if final.exists():
                part.chmod(final.stat().st_mode)
            part.replace(final)
        finally:
            part.unlink(missing_ok=True)


@contextmanager
def placing(root: Path) -> Iterator[Placing]:
    place = Placing(root)
    try:
        yield place
    except BaseException:
        place.take_back()
        raise
