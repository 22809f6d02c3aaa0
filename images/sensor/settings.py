"""Environment of the sensor, under the names of Microsoft's module; a wrong value is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

UNLIMITED = -1

_TIME_SPAN = re.compile(
    r"(?:(?P<days>\d{1,4})\.)?(?P<hours>\d{1,2}):(?P<minutes>[0-5]?\d):(?P<seconds>[0-5]?\d(?:\.\d{1,7})?)"
)


class SettingsError(ValueError):
    """An environment variable has a value that is not allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    interval_seconds: float = 5.0
    message_count: int = 500
    """How many are sent before the sensor falls silent; UNLIMITED for ever."""


def read_settings(environ: Mapping[str, str]) -> Settings:
    default = Settings()
    return Settings(
        interval_seconds=_time_span(environ.get("MessageDelay"), default.interval_seconds),
        message_count=_count(environ.get("MessageCount"), default.message_count),
    )


def _time_span(text: str | None, default: float) -> float:
    """.NET's TimeSpan: [d.]hh:mm:ss[.fffffff]."""
    if text is None:
        return default
    match = _TIME_SPAN.fullmatch(text.strip())
    seconds = 0.0
    if match is not None:
        days, hours, minutes = (int(match[name] or 0) for name in ("days", "hours", "minutes"))
        seconds = ((days * 24 + hours) * 60 + minutes) * 60 + float(match["seconds"])
    if seconds <= 0:
        raise SettingsError(f"MessageDelay is {text!r}, must be a time span above zero as hh:mm:ss, 00:00:00.1 for one")
    return seconds


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
