"""How wide what a command prints may be, and what of it is printed over several lines."""

from __future__ import annotations

import json
import shutil
import textwrap
from typing import Any

from cloud.wording import printable

_WIDTH = 120


def columns() -> int:
    """COLUMNS, or the terminal's width; 120 where there is neither."""
    return max(shutil.get_terminal_size((_WIDTH, 24)).columns, 40)


def wrapped(row: str, width: int, indent: str = "    ") -> list[str]:
    """The row over as many lines as it takes; a word is never cut, so that it can be copied. What a device or a module
    says may be in it: it must not move the cursor of who reads it."""
    return textwrap.wrap(
        printable(row), width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def cut(row: str, width: int) -> str:
    return row if len(row) <= width else f"{row[: width - 3]}..."


def folded_json(value: Any, width: int) -> str:
    """Compact JSON with line ends between its tokens, so that no line but one long text is wider."""
    lines = [""]
    for token in _tokens(json.dumps(value, separators=(",", ":"))):
        if lines[-1] and len(lines[-1]) + len(token) > width:
            lines.append("")
        lines[-1] += token
    return "\n".join(lines)


def _tokens(text: str) -> list[str]:
    """Cut after each comma that stands outside of a text."""
    tokens, begin, inside, escaped = [], 0, False, False
    for index, character in enumerate(text):
        if character == '"' and not escaped:
            inside = not inside
        escaped = inside and character == "\\" and not escaped
        if character == "," and not inside:
            tokens.append(text[begin : index + 1])
            begin = index + 1
    return [*tokens, text[begin:]]
