"""The hub's own twin, `$edgeHub`: its routes in force, and what it reports of them and of its clients.

https://learn.microsoft.com/azure/iot-edge/module-edgeagent-edgehub#edgehub-reported-properties
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from standin.edgeruntime.hub.domain.identities.identities import EDGE_HUB_MODULE
from standin.edgeruntime.hub.domain.router import Router
from standin.edgeruntime.hub.domain.routing.configuration import read_configuration
from standin.edgeruntime.hub.domain.routing.errors import ConfigurationError
from standin.edgeruntime.hub.domain.twins.twins import Properties, Twins

SCHEMA_VERSION = "1.1"

log = logging.getLogger("edgehub")


class OwnTwin:
    def __init__(self, device: str, twins: Twins, router: Router) -> None:
        self._device = device
        self._twins = twins
        self._router = router

    def restore(self) -> None:
        """What an earlier process heard of the cloud last."""
        if self._twins.desired(EDGE_HUB_MODULE):
            self.configure()

    def configure(self) -> None:
        """A configuration that is refused leaves the one before it in force, as edgeHub does."""
        desired = self._twins.desired(EDGE_HUB_MODULE)
        status = self._apply(desired)
        outcome = {
            "schemaVersion": SCHEMA_VERSION,
            "lastDesiredVersion": desired.get("$version"),
            "lastDesiredStatus": status,
        }
        reported = self._reported()
        if any(reported.get(key) != value for key, value in outcome.items()):
            self._twins.report(EDGE_HUB_MODULE, outcome)

    def clients_changed(self, connected: Sequence[str]) -> None:
        now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        known = self._reported().get("clients") or {}
        patch: Properties = {}
        for module in {name.partition("/")[2] for name in known} | set(connected):
            name = f"{self._device}/{module}"
            status = "Connected" if module in connected else "Disconnected"
            if (known.get(name) or {}).get("status") != status:
                last = "lastConnectedTimeUtc" if status == "Connected" else "lastDisconnectedTimeUtc"
                patch[name] = {"status": status, last: now}
        if patch:
            self._twins.report(EDGE_HUB_MODULE, {"clients": patch})

    def _apply(self, desired: Properties) -> dict[str, Any]:
        try:
            routes = read_configuration(desired).routes
        except ConfigurationError as problem:
            log.error("desired properties refused: %s", problem)
            return {"code": problem.code, "description": str(problem)}
        self._router.table = routes
        log.info("%d routes in force", len(routes.routes))
        return {"code": 200, "description": ""}

    def _reported(self) -> Properties:
        return (self._twins.view(EDGE_HUB_MODULE) or {}).get("reported", {})
