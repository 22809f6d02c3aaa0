"""How the environment of senders spells a time: .NET's TimeSpan, as Microsoft's simulated sensor takes it."""

from __future__ import annotations


def time_span(seconds: float) -> str:
    """`00:00:00.1000000` for 0.1."""
    ticks = round(seconds * 10_000_000)
    whole, fraction = divmod(ticks, 10_000_000)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    text = f"{hours:02d}:{minutes:02d}:{rest:02d}"
    return f"{text}.{fraction:07d}" if fraction else text
