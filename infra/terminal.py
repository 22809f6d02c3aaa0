"""How wide a line for the user may be: Pulumi's tree on a terminal does not wrap what a program says."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Mapping

_ENGINES_PART = len("    warning: ")


def wrapped(text: str, environment: Mapping[str, str] = os.environ) -> str:
    """The text in lines that fit COLUMNS, which tools.engine sets to the terminal's width; elsewhere as it is."""
    columns = environment.get("COLUMNS", "")
    if not columns.isdecimal() or int(columns) < 3 * _ENGINES_PART:
        return text
    width = int(columns) - _ENGINES_PART
    return "\n".join(
        "\n".join(textwrap.wrap(line, width, subsequent_indent="  ", break_on_hyphens=False, drop_whitespace=False))
        for line in text.splitlines()
    )
