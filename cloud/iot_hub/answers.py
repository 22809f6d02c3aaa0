"""What IoT Hub means where it says that something is not there.

A device, module or configuration is missing only where the hub says so by its code. A hub that was just made, or that
moves, now and then answers that it does not exist itself (`IotHubNotFound`, azure-iot-cli-extension #77; its error
enum has it among the 401s, others have seen a 404), and what stands in between answers 404 without a code: for both the
hub is asked again, and in the end ARM whether there is such a hub.
https://learn.microsoft.com/azure/iot-hub/troubleshoot-error-codes
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from cloud.errors import Kind, ServiceError, service_error
from cloud.operation import Operation

T = TypeVar("T")

_NO_HUB = frozenset({"IotHubNotFound", "401001"})
_MISSING = frozenset(
    {
        "DeviceNotFound",
        "ModuleNotFound",
        "ConfigurationNotFound",
        "DeviceNotOnline",
        # as numbers, which direct methods answer
        "404001",
        "404010",
        "404103",
    }
)
_QUICK_TRIES = 3
_QUICK_SECONDS = 0.2
"""A flicker is over at the next request: so even who does not wait does not take it for an answer."""


class Unsure(ServiceError):
    """The hub is not there, it seems: of a moment, or for good."""

    @property
    def kind(self) -> Kind:
        return Kind.TRANSIENT


def asked(operation: Operation, what: str, action: Callable[[], T]) -> T:
    """The action's result; Unsure where several tries in a row found no hub."""
    for _ in range(_QUICK_TRIES - 1):
        try:
            return _once(what, action)
        except Unsure:
            operation.wait(_QUICK_SECONDS)
    return _once(what, action)


def _once(what: str, action: Callable[[], T]) -> T:
    try:
        return action()
    except Exception as error:
        failure = service_error(error, what)
        if failure is None or not _is_unsure(failure):
            raise
        raise Unsure(what, failure.status, failure.code, failure.message) from error


def _is_unsure(failure: ServiceError) -> bool:
    return failure.code in _NO_HUB or (failure.status == 404 and failure.code not in _MISSING)
