"""The `slow` profile's one refusal: the first write to each service meets 429 with Retry-After."""

from __future__ import annotations

from standin.core.errors import TooManyRequests
from standin.core.http import Service
from standin.core.profile import Profile
from standin.core.store import Store

_KIND = "throttled"
_WRITES = frozenset({"PUT", "POST", "PATCH", "DELETE"})
_WAIT_SECONDS = 1


class Throttle:
    def __init__(self, store: Store, profile: Profile) -> None:
        self._store = store
        self._profile = profile

    def check(self, service: Service, method: str, path: str) -> None:
        """TooManyRequests the first time; remembered, so that a restart does not refuse again."""
        name = _name(service, path)
        if not self._profile.throttle_once or method not in _WRITES or name is None:
            return
        if self._store.get(_KIND, name) is None:
            self._store.put(_KIND, name, {})
            raise TooManyRequests(
                f"The request to {name} is throttled. Please try again after {_WAIT_SECONDS} seconds.",
                retry_after_seconds=_WAIT_SECONDS,
            )

    def forget(self) -> None:
        self._store.delete_all(_KIND)


def _name(service: Service, path: str) -> str | None:
    """ARM throttles per provider namespace; data planes per service; sign-in and the control surface never."""
    if not service.throttles:
        return None
    if "management.azure.com" not in service.hosts:
        return service.hosts[0].lstrip(".")
    lowered = path.lower()
    if "/providers/" not in lowered:
        return "Microsoft.Resources"
    return lowered.rsplit("/providers/", 1)[1].split("/", 1)[0]
