"""The hub as the cloud meets it: who is on this device, and what is desired of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from standin.edgeruntime.hub.domain.connected import ConnectedModules
from standin.edgeruntime.hub.domain.identities.identities import EDGE_HUB_MODULE, Identities
from standin.edgeruntime.hub.domain.twins.own_twin import OwnTwin
from standin.edgeruntime.hub.domain.twins.twins import DesiredChange, Properties, Twins


class CloudSide:
    """`modules_changed` is called with the names of all modules that there are."""

    def __init__(
        self,
        identities: Identities,
        twins: Twins,
        own_twin: OwnTwin,
        connected: ConnectedModules,
        *,
        modules_changed: Callable[[list[str]], Awaitable[None]],
    ) -> None:
        self._identities = identities
        self._twins = twins
        self._own_twin = own_twin
        self._connected = connected
        self._modules_changed = modules_changed

    async def synchronize(
        self, identities: list[Mapping[str, Any]], twins: Mapping[str, Mapping[str, Properties]]
    ) -> None:
        """All that the cloud knows of this device, at every connection and whenever identities change."""
        self._identities.replace(identities)
        self._twins.forget(set(twins))
        for module, twin in twins.items():
            self._tell(self._twins.synchronize(module, twin["desired"], twin["reported"]))
        await self._modules_changed(self._identities.modules)
        self._connected.close_unauthorized(self._identities)

    def desired(self, module: str, section: Properties) -> None:
        """The whole section, `$version` included."""
        self._tell(self._twins.set_desired(module, section))

    def _tell(self, change: DesiredChange | None) -> None:
        if change is None:
            return
        if change.module == EDGE_HUB_MODULE:
            self._own_twin.configure()
        elif connection := self._connected.get(change.module):
            connection.desired_changed(change.patch, change.version)
