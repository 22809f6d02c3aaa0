"""A container that is to run once, as its owner wants it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    kind: str
    """Whose it is: the label `edgeway.kind` of all that belongs to it."""
    name: str
    """In Docker; unique on this engine."""
    image: str
    """Its id."""
    command: tuple[str, ...]
    """Replaces entry point and command of the image."""
    folder: str
    """Where it starts."""
    environment: Mapping[str, str] = field(repr=False)
    cpu: float
    memory_gb: float
    shared_memory_bytes: int
    hosts: Mapping[str, str]
    """Names that it finds at these addresses, beside those that DNS has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A container as Docker has it."""

    started: bool
    """Whether it ever was."""
    running: bool
    exit_code: int
    out_of_memory: bool
