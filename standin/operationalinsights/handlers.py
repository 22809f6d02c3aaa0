"""https://learn.microsoft.com/rest/api/loganalytics/deleted-workspaces/list"""

from __future__ import annotations

from collections.abc import Mapping

from standin.core.arm import Arm
from standin.core.arm.kinds import ResourceKind
from standin.core.arm.rendering import render
from standin.core.http import Request, Response, json_response


class WorkspaceHandlers:
    def __init__(self, arm: Arm, kind: ResourceKind) -> None:
        self._arm = arm
        self._kind = kind

    async def deleted(self, request: Request, _: Mapping[str, str]) -> Response:
        """Those that can still be recovered."""
        return json_response({"value": [render(self._kind, one) for one in self._arm.deleted(self._kind)]})
