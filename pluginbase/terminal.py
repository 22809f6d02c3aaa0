"""How wide a line for the user may be: the engine's tree on a terminal does not wrap what programs and plugins say."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Mapping

_ENGINES_PART = len("    warning: ")


def wrapped(text: str, environment: Mapping[str, str] = os.environ) -> str:
    """In lines that fit TERMINAL_COLUMNS, which whoever starts the engine on a terminal sets; elsewhere as it is."""
    columns = environment.get("TERMINAL_COLUMNS", "")
    if not columns.isdecimal() or int(columns) < 3 * _ENGINES_PART:
        return text
    width = int(columns) - _ENGINES_PART
    return "\n".join(
        "\n".join(textwrap.wrap(line, width, subsequent_indent="  ", break_on_hyphens=False, drop_whitespace=False))
        for line in text.splitlines()
    )
