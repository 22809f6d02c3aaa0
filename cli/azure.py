"""Azure as a command asks it: with the signed-in identity, for seconds instead of minutes, and with a command's errors.

What a service answered is a `cloud.errors.ServiceError`; `answers` tells it as the command line does.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from cli.errors import Failed, Refused
from cloud.arm import Arm
from cloud.errors import ServiceError, is_missing
from cloud.iot_hub import IotHub
from cloud.operation import Waiting
from cloud.retrying import RetryLimits
from cloud.wording import one_line

# somebody sits in front of it: a role on its way is for `up` to wait for
LIMITS = RetryLimits(transient_seconds=5.0, unauthorised_seconds=0.0)

# it waits anyway: a restart or a throttled call in between is no reason to give up
PATIENT = RetryLimits(transient_seconds=60.0, unauthorised_seconds=0.0)


def subscription_id() -> str | None:
    return os.environ.get("AZURE_SUBSCRIPTION_ID") or os.environ.get("ARM_SUBSCRIPTION_ID")


def resource_manager() -> Arm:
    return Arm(Waiting(), LIMITS)


def iot_hub(host: str, limits: RetryLimits = LIMITS) -> IotHub:
    return IotHub(Waiting(), host, limits)


@contextmanager
def answers(host: str, what: str) -> Iterator[None]:
    """Raises Refused where `what` (`device 'edge-01'`) is not there, Failed for any other refusal of the host."""
    try:
        yield
    except ServiceError as error:
        if is_missing(error):
            raise Refused(f"{what} does not exist in {host}") from error
        answered = f"{host} answered {error.status} for {what}" if error.status else host
        raise Failed(f"{answered}: {words(error)}") from error


def words(error: ServiceError) -> str:
    """One line: the service's code and message."""
    return one_line(f"({error.code}) {error.message}" if error.code else error.message, 400)
