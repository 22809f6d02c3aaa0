"""Paths that an entry script answers beside `/score`, for callers who know it by those of another service.

    ANSWERS_AT = ("/image", "/{project}/image")      # {name} is any one part of a path

They are `/score` by another name: `POST`, the same forms, key and limits. The server's own paths stay its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from images.scoring.errors import StartError

_PATH = re.compile(r"(/([A-Za-z0-9._~-]+|\{[A-Za-z_]+\}))+")
_NAMED = re.compile(r"\\\{[A-Za-z_]+\\\}")
MOST_PATHS = 64


@dataclass(frozen=True, slots=True)
class OwnPaths:
    templates: tuple[str, ...]
    """As the script has them, which is as OpenAPI has them."""
    pattern: re.Pattern[bytes]


def paths_of(module: ModuleType, script: str) -> OwnPaths | None:
    """Raises StartError."""
    paths: Any = getattr(module, "ANSWERS_AT", None)
    if paths is None:
        return None
    if not isinstance(paths, tuple | list) or not 1 <= len(paths) <= MOST_PATHS:
        raise StartError(f"ANSWERS_AT of {script} is {paths!r:.80}, wanted is a tuple of 1 to {MOST_PATHS} paths")
    for path in paths:
        if not isinstance(path, str) or not _PATH.fullmatch(path):
            raise StartError(f"ANSWERS_AT of {script} has {path!r}, allowed are paths as /image or /{{project}}/image")
    pattern = "|".join(_NAMED.sub("[^/]+", re.escape(path)) for path in paths)
    return OwnPaths(tuple(paths), re.compile(pattern.encode()))
