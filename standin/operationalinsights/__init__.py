"""Log Analytics workspaces: they only remember, with the ids and keys that clients read back."""

from __future__ import annotations

from standin.core.part import Part
from standin.operationalinsights.kinds import LogAnalyticsWorkspace

__all__ = ["part"]


def part() -> Part:
    return Part(name="operationalinsights", kinds=(LogAnalyticsWorkspace(),))
