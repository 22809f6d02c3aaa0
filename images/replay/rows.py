"""What the image sends: bodies, one a line, which the deployment has checked and put into it.

A line is a JSON text, or `=<media type> <base64>` of another body (clone/rows.py writes them).
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path

from contracts.telemetry import CONTENT_TYPE
from images.sending.settings import SettingsError


@dataclass(frozen=True, slots=True)
class Row:
    body: bytes
    content_type: str = CONTENT_TYPE


def read_rows(file: Path) -> list[Row]:
    try:
        rows = [_row(line) for line in file.read_bytes().split(b"\n") if line]
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}; it is made where the image is built") from error
    if not rows:
        raise SettingsError(f"{file} has no row, at least one is wanted")
    return rows


def _row(line: bytes) -> Row:
    if not line.startswith(b"="):
        return Row(line)
    media_type, _, content = line[1:].rpartition(b" ")
    return Row(base64.b64decode(content), media_type.decode())
