"""A hub that is not found for a moment: when it is new (or its stand-in), and now and then afterwards.

By a count of its requests, so that a run can be repeated; the log names each. Users report it, with an error that
Microsoft's enum of codes has among the 401s and others saw as a 404: so both are answered.
https://github.com/Azure/azure-iot-cli-extension/issues/77
"""

from __future__ import annotations

import logging

from standin.core.errors import ServiceError
from standin.core.profile import Profile
from standin.iothub.kernel.errors import NotFound, Unauthorized

log = logging.getLogger("standin.iothub")


class Flicker:
    def __init__(self, hub: str, profile: Profile) -> None:
        self._hub = hub
        self._at_first = profile.hub_absent_at_first
        self._every = profile.hub_absent_every
        self._requests = 0

    def check(self) -> None:
        """Raises for each request that finds no hub."""
        self._requests += 1
        later = self._requests - self._at_first
        if later <= 0:
            raise self._absent(NotFound)
        if self._every and later % self._every == 0:
            raise self._absent(Unauthorized)

    def _absent(self, refusal: type[ServiceError]) -> ServiceError:
        log.info("request %d of the hub %s finds no hub", self._requests, self._hub)
        return refusal(f"IotHub not found: {self._hub}", code="IotHubNotFound")
