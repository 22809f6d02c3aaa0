"""Whether the thing that a call goes to is there at all.

A data plane that is gone answers nothing: with its group went its name. So where it does not answer, ARM is asked,
which lists what is there. It is believed at its second word only: what was just made may be listed late.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

from cloud.arm import Arm
from cloud.errors import Kind, ServiceError
from cloud.operation import Operation
from cloud.reading import listed
from cloud.retrying import RetryLimits

_LIMITS = RetryLimits(transient_seconds=0.0, unauthorised_seconds=0.0)
_SURE_SECONDS = 2.0
_ASK_AGAIN_SECONDS = 15.0
"""Of what was listed: somebody may delete it meanwhile."""


class ThingGone(ServiceError):
    """There is no such thing: what was in it is missing too."""

    @property
    def kind(self) -> Kind:
        return Kind.MISSING


@dataclass(frozen=True, slots=True)
class Sort:
    """A type of things that have an address of their own."""

    words: str
    type: str
    api_version: str
    host: str
    """The property that has the address: a host, or a URL of nothing more."""


HUB = Sort("IoT hub", "Microsoft.Devices/IotHubs", "2023-06-30", "hostName")
VAULT = Sort("key vault", "Microsoft.KeyVault/vaults", "2026-02-01", "vaultUri")
REGISTRY = Sort("container registry", "Microsoft.ContainerRegistry/registries", "2025-11-01", "loginServer")


class Absence:
    """Of one thing and one operation: asked after each try that failed.

    absence = Absence(ctx, HUB, "iot-1.azure-devices.net")
    with_retries(ctx, what, action, absent=absence.of)
    """

    def __init__(self, operation: Operation, sort: Sort, host: str) -> None:
        self._operation = operation
        self._sort = sort
        self._host = host
        self._missed_at: float | None = None
        self._ask_at = float("-inf")

    def of(self, failure: ServiceError) -> ServiceError | None:
        """ThingGone instead of the failure where the thing is gone; None where it is there, or nobody can tell."""
        now = time.monotonic()
        subscription = os.environ.get("ARM_SUBSCRIPTION_ID") or os.environ.get("AZURE_SUBSCRIPTION_ID")
        if failure.status == 429 or now < self._ask_at or not subscription:
            return None
        if self._is_listed(subscription):
            self._missed_at, self._ask_at = None, now + _ASK_AGAIN_SECONDS
            return None
        if self._missed_at is None:
            self._missed_at, self._ask_at = now, now + _SURE_SECONDS
            return None
        return ThingGone(
            failure.what,
            404,
            failure.code,
            f"there is no {self._sort.words} {self._host} in the subscription {subscription}: "
            "`pulumi up --refresh` makes it again",
        )

    def _is_listed(self, subscription: str) -> bool:
        """ARM shows to each what they may see, and who deploys a thing may see it. True where it does not tell."""
        arm = Arm(self._operation, _LIMITS)
        path = f"/subscriptions/{subscription}/providers/{self._sort.type}"
        try:
            found = listed(lambda *asked, **query: arm.get(*asked, **query).body or {}, path, self._sort.api_version)
            told = [str((one.get("properties") or {}).get(self._sort.host, "")) for one in found]
        except ServiceError:
            return True
        return self._host.lower() in {one.lower().removeprefix("https://").rstrip("/") for one in told}
