"""What the image sends: JSON texts, one a line, which the deployment has checked and put into it."""

from __future__ import annotations

from pathlib import Path

from images.sending.settings import SettingsError


def read_rows(file: Path) -> list[bytes]:
    try:
        rows = [line for line in file.read_bytes().split(b"\n") if line]
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}; it is made where the image is built") from error
    if not rows:
        raise SettingsError(f"{file} has no row, at least one is wanted")
    return rows
