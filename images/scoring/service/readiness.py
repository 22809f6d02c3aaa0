"""Whether this process may be asked to score, and if not, why."""

from __future__ import annotations

from images.scoring.errors import NotReady
from images.scoring.service.service import Service


class Readiness:
    """Loading, then ready or failed for good; draining once SIGTERM came."""

    def __init__(self) -> None:
        self._service: Service | None = None
        self._reason = "the model is loading"
        self.failed = False
        self.draining = False
        self.ends_connections = True
        """Whether another server takes over: when this process stops, or when the model is loaded."""

    def succeed(self, service: Service) -> None:
        self._service = service
        self.ends_connections = self.draining

    def fail(self, reason: str) -> None:
        self.failed = True
        self._reason = reason
        self.ends_connections = self.draining

    def drain(self) -> None:
        self.draining = self.ends_connections = True

    @property
    def loaded(self) -> Service | None:
        return self._service

    @property
    def service(self) -> Service:
        """The model; raises NotReady with the reason while there is none."""
        if self._service is None:
            raise NotReady(self._reason)
        return self._service

    def require(self) -> None:
        """Raises NotReady with the reason while there is no model."""
        if self._service is None:
            raise NotReady(self._reason)

    def check(self) -> Service:
        """What /ready says: also not while draining, so that nobody new is sent here."""
        if self.draining:
            raise NotReady("draining: the process was told to stop")
        return self.service
