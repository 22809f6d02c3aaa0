"""Log Analytics workspaces: they only remember, with the ids and keys that clients read back."""

from __future__ import annotations

from standin.core.arm import Arm
from standin.core.part import Part
from standin.operationalinsights.handlers import WorkspaceHandlers
from standin.operationalinsights.kinds import LogAnalyticsWorkspace
from standin.operationalinsights.routes import arm_routes

__all__ = ["part"]


def part(arm: Arm) -> Part:
    kind = LogAnalyticsWorkspace()
    return Part(name="operationalinsights", kinds=(kind,), arm_routes=arm_routes(WorkspaceHandlers(arm, kind)))
