"""Environment of the replay: MessageDelay as the sensor's, Loop, and RowsFile for rows that do not lie in the image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from images.sending.settings import SettingsError, time_span

IN_THE_IMAGE = Path(__file__).with_name("rows.jsonl")
_TRUTH = {"true": True, "false": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    interval_seconds: float = 5.0
    """Between two messages."""
    loop: bool = True
    """From the first row again after the last; else silent from then on."""
    rows: Path = IN_THE_IMAGE


def read_settings(environ: Mapping[str, str]) -> Settings:
    default = Settings()
    text = environ.get("Loop", str(default.loop))
    if text.strip().lower() not in _TRUTH:
        raise SettingsError(f"Loop is {text!r}, allowed are true and false")
    return Settings(
        interval_seconds=time_span("MessageDelay", environ.get("MessageDelay"), default.interval_seconds),
        loop=_TRUTH[text.strip().lower()],
        rows=Path(environ.get("RowsFile", default.rows)),
    )
