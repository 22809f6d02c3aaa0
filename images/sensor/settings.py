"""Environment of the sensor, under the names of Microsoft's module; a wrong value is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from images.sending.settings import SettingsError, time_span

UNLIMITED = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    interval_seconds: float = 5.0
    message_count: int = 500
    """How many are sent before the sensor falls silent; UNLIMITED for ever."""


def read_settings(environ: Mapping[str, str]) -> Settings:
    default = Settings()
    return Settings(
        interval_seconds=time_span("MessageDelay", environ.get("MessageDelay"), default.interval_seconds),
        message_count=_count(environ.get("MessageCount"), default.message_count),
    )


def _count(text: str | None, default: int) -> int:
    if text is None:
        return default
    try:
        count = int(text)
    except ValueError:
        count = 0
    if count != UNLIMITED and count < 1:
        raise SettingsError(f"MessageCount is {text!r}, must be a whole number of at least 1, or -1 for no limit")
    return count
