"""The tree of a parsed query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Constant:
    value: Any


@dataclass(frozen=True, slots=True)
class Path:
    names: tuple[str, ...]
    position: int = 0

    @property
    def text(self) -> str:
        return ".".join(self.names)


@dataclass(frozen=True, slots=True)
class Not:
    operand: Expression


@dataclass(frozen=True, slots=True)
class Negative:
    operand: Expression


@dataclass(frozen=True, slots=True)
class Logical:
    """`operator` is AND or OR. Flat, since generated conditions chain hundreds of them."""

    operator: str
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Binary:
    """`operator` is a comparison or an arithmetic sign."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Membership:
    operand: Expression
    options: tuple[Any, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class IsDefined:
    path: Path


@dataclass(frozen=True, slots=True)
class Affix:
    """`function` is STARTSWITH or ENDSWITH."""

    function: str
    path: Path
    part: str


Expression = Constant | Path | Not | Negative | Logical | Binary | Membership | IsDefined | Affix


@dataclass(frozen=True, slots=True)
class Aggregate:
    """`function` is COUNT, of rows, or AVG, SUM, MIN, MAX of a path."""

    function: str
    path: Path | None


@dataclass(frozen=True, slots=True)
class Column:
    value: Path | Aggregate
    name: str


@dataclass(frozen=True, slots=True)
class Select:
    """`columns` is empty for `*`. `source` is `devices`, `devices.modules` or `devices.jobs`."""

    columns: tuple[Column, ...]
    source: str
    where: Expression | None
    group_by: tuple[Path, ...] = ()
    top: int | None = None
