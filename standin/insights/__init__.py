"""Application Insights components: they only remember, with the keys that clients read back, and come with alerts."""

from __future__ import annotations

from standin.core.arm import Arm
from standin.core.part import Part
from standin.insights.kinds import ApplicationInsights
from standin.insights.smart_detection import ActionGroup, SmartDetectorRule

__all__ = ["part"]


def part(arm: Arm) -> Part:
    return Part(name="insights", kinds=(ApplicationInsights(arm), ActionGroup(), SmartDetectorRule()))
