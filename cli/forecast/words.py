"""`words.toml`: what is away while a type of resource is replaced, restarts or is deleted, for docs/replace.md too."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

FILE = Path(__file__).parent / "words.toml"


@functools.cache
def words_by_type() -> Mapping[str, Mapping[str, str]]:
    """By the type's short name."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def words_of(type_token: str) -> Mapping[str, str]:
    return words_by_type().get(short(type_token), {})


def short(type_token: str) -> str:
    """The type's name; two of azure-native's are both called Workspace, and then with its module."""
    name = type_token.rpartition(":")[2]
    if name != "Workspace":
        return name
    return re.sub(r"^azure-native:(\w+)(/v\w+)?:", r"\1:", type_token)
