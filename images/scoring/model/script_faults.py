"""Says where in an entry script something failed: the script's own lines, without those of the server."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from pathlib import Path

_MOST_FRAMES = 6


def summary(error: BaseException, script: Path) -> str:
    """On one line: `KeyError: 'depth' (score.py, line 12, in run)`."""
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error}"  # its text ends with file and line
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    own = [frame for frame in _frames(error, script) if _is_own(frame, script)]
    return f"{text} ({_place(own[-1], script)})" if own else text


def last_lines(error: BaseException, script: Path) -> str:
    """The end of the traceback from the script's first line on, a frame a line; of a syntax error the line itself."""
    if isinstance(error, SyntaxError):
        return f"  {(error.text or '').strip()}"
    return lines_of(_frames(error, script)[-_MOST_FRAMES:], script)


def lines_of(frames: Iterable[traceback.FrameSummary], script: Path) -> str:
    return "\n".join(f"  {_place(frame, script)}: {frame.line}" for frame in frames)


def _frames(error: BaseException, script: Path) -> list[traceback.FrameSummary]:
    """What stands above the script in the traceback is the server's."""
    return from_script_on(traceback.extract_tb(error.__traceback__), script)


def from_script_on(frames: Iterable[traceback.FrameSummary], script: Path) -> list[traceback.FrameSummary]:
    found: list[traceback.FrameSummary] = []
    for frame in frames:
        if found or _is_own(frame, script):
            found.append(frame)
    return found


def _is_own(frame: traceback.FrameSummary, script: Path) -> bool:
    return Path(frame.filename).is_relative_to(script.parent)


def _place(frame: traceback.FrameSummary, script: Path) -> str:
    file = Path(frame.filename)
    name = file.relative_to(script.parent) if _is_own(frame, script) else _in_its_package(file)
    where = "" if frame.name == "<module>" else f", in {frame.name}"
    return f"{name}, line {frame.lineno}{where}"


def _in_its_package(file: Path) -> Path:
    return Path(*file.parts[file.parts.index("site-packages") + 1 :]) if "site-packages" in file.parts else file
