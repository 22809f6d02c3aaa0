"""What ARM asks of workspaces beside them."""

from __future__ import annotations

from collections.abc import Sequence

from standin.core.http import Route
from standin.operationalinsights.handlers import WorkspaceHandlers


def arm_routes(handlers: WorkspaceHandlers) -> Sequence[Route]:
    path = "/subscriptions/{subscription}/providers/Microsoft.OperationalInsights/deletedWorkspaces"
    return (Route("GET", path, handlers.deleted),)
