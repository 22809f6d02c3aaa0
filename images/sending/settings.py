"""The spelling of a sender's environment, as of Microsoft's simulated temperature sensor; a wrong value is refused."""

from __future__ import annotations

import re

_TIME_SPAN = re.compile(
    r"(?:(?P<days>\d{1,4})\.)?(?P<hours>\d{1,2}):(?P<minutes>[0-5]?\d):(?P<seconds>[0-5]?\d(?:\.\d{1,7})?)"
)


class SettingsError(ValueError):
    """An environment variable, or what the image carries, is not what is allowed."""


def time_span(name: str, text: str | None, default: float) -> float:
    """Seconds of .NET's TimeSpan: [d.]hh:mm:ss[.fffffff]."""
    if text is None:
        return default
    match = _TIME_SPAN.fullmatch(text.strip())
    seconds = 0.0
    if match is not None:
        days, hours, minutes = (int(match[part] or 0) for part in ("days", "hours", "minutes"))
        seconds = ((days * 24 + hours) * 60 + minutes) * 60 + float(match["seconds"])
    if seconds <= 0:
        raise SettingsError(f"{name} is {text!r}, must be a time span above zero as hh:mm:ss, 00:00:00.1 for one")
    return seconds
