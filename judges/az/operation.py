"""One command of the Azure CLI, and what is expected of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Operation:
    """`holds`: what stands at a path of the answer (`properties.state`, `0.name`, `#` for the length of a list).
    `refused`: words of Azure's own refusal. `row`: the row of docs/parity.md that says what the stand-in refuses."""

    command: str
    holds: Mapping[str, Any] = field(default_factory=dict)
    refused: tuple[str, ...] = ()
    row: str = ""

    @property
    def client(self) -> str:
        """`az iot hub`, but `az group`: what users call a part of the CLI."""
        words = self.command.split()
        return f"az {words[0]} {words[1]}" if words[0] in ("iot", "monitor", "network", "storage") else f"az {words[0]}"

    @property
    def expected(self) -> str:
        if self.row:
            return f"refused as {self.row}"
        if self.refused:
            return f"refused with {' and '.join(self.refused)}"
        return ", ".join(f"{path} is {value!r}" for path, value in self.holds.items()) or "success"


def ok(command: str, **holds: Any) -> Operation:
    """In names of arguments `__` stands for a dot, `n` for the length of a list."""
    paths = {("#" if name == "n" else name.replace("__", ".").lstrip("_")): value for name, value in holds.items()}
    return Operation(command, holds=paths)


def refused(command: str, *words: str) -> Operation:
    return Operation(command, refused=words)


def unbuilt(command: str, row: str) -> Operation:
    return Operation(command, row=row)


def wrong(answer: Any, holds: Mapping[str, Any]) -> str:
    """What is not as expected; empty where all is."""
    for path, want in holds.items():
        got = at(answer, path)
        if got != want:
            return f"{path} is {got!r}"
    return ""


def at(answer: Any, path: str) -> Any:
    if path == "#":
        return len(answer) if isinstance(answer, list) else f"no list: {answer!r}"
    for part in path.split("."):
        if isinstance(answer, list) and part.isdigit() and int(part) < len(answer):
            answer = answer[int(part)]
        elif isinstance(answer, dict):
            answer = answer.get(part)
        else:
            return None
    return answer
