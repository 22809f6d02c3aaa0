"""What modules wrote last, as their device's agent gives it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cli.rollout.standing import Standing
from cli.rollout.wanted import Hub, Layer
from cli.screen import cut
from cloud.errors import ServiceError
from cloud.wording import printable

_TAIL = 20
_SHOWN_OF_EACH = 5
_LONGEST_LINE = 300
_TROUBLE = re.compile(r"\b(WARN|WARNING|ERROR|CRITICAL|FATAL|WRN|ERR|FTL)\b")
"""The levels of Python's logging, and those of .NET modules as Microsoft writes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleLog:
    """Lines may hold anything that a module writes: they are shown to who asked, and kept nowhere."""

    module: str
    lines: tuple[str, ...]
    problem: str | None
    """Why there are none."""
    last_words: str | None
    is_trouble: bool
    """Those are a warning or an error."""


def logs_of(hub: Hub, device: str, standing: Standing, layers: Sequence[Layer]) -> tuple[ModuleLog, ...]:
    """Of the module that is down; where all run and one is silent, of each that has to do with it."""
    if standing.module is not None:
        return (_log(hub, device, standing.module.name, is_down=True),)
    silent = [layer for layer in layers if any(layer == one for one, _ in standing.silent)]
    return tuple(_log(hub, device, module, is_down=False) for layer in silent for module in layer.modules)


def telling(logs: Sequence[ModuleLog]) -> list[ModuleLog]:
    """Those with last words; where one is in trouble, not those of a module that is well."""
    return [log for log in logs if log.is_trouble] or [log for log in logs if log.last_words]


def shown(line: str) -> str:
    """A module's line must not move the cursor of who reads it."""
    return cut(printable(line), _LONGEST_LINE)


def _log(hub: Hub, device: str, module: str, *, is_down: bool) -> ModuleLog:
    """Of one that is down the very last line counts: it says why it ended. Of one that runs it may be any."""
    try:
        lines = hub.module_logs(device, module, tail=_TAIL).splitlines()[-_TAIL:]
    except ServiceError as error:
        problem = f"GetModuleLogs: {error.brief}: {error.message}"
        return ModuleLog(module=module, lines=(), problem=problem, last_words=None, is_trouble=False)
    said = [line for line in lines if line.strip()]
    trouble = [line for line in said if is_down or _TROUBLE.search(line)]
    return ModuleLog(
        module=module,
        lines=tuple(lines if is_down else lines[-_SHOWN_OF_EACH:]),
        problem=None if lines else "it has written nothing",
        last_words=next(reversed(trouble or said), None),
        is_trouble=bool(trouble),
    )
