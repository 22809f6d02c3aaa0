"""Durations as Azure ML writes them: ISO 8601, "PT2M". https://www.iso.org/iso-8601-date-and-time-format.html"""

from __future__ import annotations

import re

_DURATION = re.compile(
    r"P(?=.)(?:(?P<days>\d{1,6})D)?(?:T(?=.)(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,8})M)?"
    r"(?:(?P<seconds>\d{1,9}(?:\.\d{1,9})?)S)?)?",
    re.ASCII,
)
_SECONDS = {"days": 86400, "hours": 3600, "minutes": 60, "seconds": 1}


def seconds(text: str) -> float:
    """Of a duration of days, hours, minutes and seconds; ValueError for another text."""
    matched = _DURATION.fullmatch(text)
    if matched is None:
        raise ValueError(f"{text!r} is no ISO 8601 duration, such as PT2M")
    return sum(_SECONDS[name] * float(value) for name, value in matched.groupdict().items() if value)
