"""`mledge:azure:GroupReady`: waits until a group's container serves what it should, over HTTPS with the stack's CA.

ARM calls a group Succeeded as soon as its container was started, and a container that crashes is started for ever:
https://learn.microsoft.com/azure/container-instances/container-state
So its `/ready` is asked. A container that is restarted three times meanwhile, and the end of the time, fail the
operation with the container's state and its last lines. Nothing is made: a failed wait stands in no state, so the next
`up` asks again.
"""

from __future__ import annotations

import http.client
import json
import ssl
import sys
import time
from typing import Annotated
from urllib.parse import urlsplit

from msgspec import Meta

from cloud.own_ca.connection import Connection
from cloud.wording import one_line
from infra.provider.inputs import Inputs, text
from infra.provider.services.container_group import last_lines, standing
from infra.provider.undisturbed import AT_ONCE
from infra.provider.wait import Wait
from pluginbase.resource import Failure, OperationContext, Properties, ProviderError

_POLL_SECONDS = 1.0
_LOOK_SECONDS = 5.0
"""ARM is asked for the container's state at this pace, while the service itself does not answer."""
_ANSWER_SECONDS = 10.0
_RESTARTS = 3
"""After as many during the wait it has no end worth waiting for; the pause between them grows with each."""


class GroupReadyInputs(Inputs, frozen=True):
    group_id: Annotated[str, text(r"/subscriptions/.+/containerGroups/[^/]+", "a container group's resource id")]
    container: str
    image: str
    restarted_by: str
    url: Annotated[str, text(r"https://[^/]+/ready", "https://host/ready is wanted")]
    address: str
    ca_pem: str
    model: str
    version: str
    timeout_seconds: Annotated[int, Meta(ge=1, le=3600)]

    @property
    def group(self) -> str:
        return self.group_id.rpartition("/")[2]


class GroupReady(Wait):
    token = "mledge:azure:GroupReady"  # noqa: S105 - a resource type

    def check(self, ctx: OperationContext, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        return GroupReadyInputs.check(news)

    def wait(self, ctx: OperationContext, inputs: Properties) -> None:
        _wait(ctx, GroupReadyInputs.of(inputs))

    def stands(self, ctx: OperationContext, inputs: Properties) -> bool:
        given = GroupReadyInputs.of(inputs)
        return not standing(ctx, given.group_id, given.container, AT_ONCE).is_gone


def _wait(ctx: OperationContext, inputs: GroupReadyInputs) -> None:
    deadline = time.monotonic() + inputs.timeout_seconds
    looked_at, fewest = float("-inf"), sys.maxsize
    while (said := _not_ready(inputs)) is not None:
        now = time.monotonic()
        if now >= deadline:
            raise _failure(ctx, inputs, f"after {inputs.timeout_seconds} s: {said}")
        if now - looked_at >= _LOOK_SECONDS:
            # the count may be one that the container before has left, so what counts is what comes to it
            seen = standing(ctx, inputs.group_id, inputs.container)
            if seen.is_gone:
                raise ProviderError(f"container group {inputs.group} is gone: `pulumi up --refresh` makes it again")
            restarts = seen.restarts
            looked_at, fewest = now, min(fewest, restarts)
            if restarts - fewest >= _RESTARTS:
                raise _failure(ctx, inputs, f"and crashes again and again: {said}")
        ctx.status(f"waiting for {inputs.url}: {said}")
        ctx.wait(_POLL_SECONDS)


def _not_ready(inputs: GroupReadyInputs) -> str | None:
    """None where the model answers in its version, else what happened instead."""
    parts = urlsplit(inputs.url)
    connection = Connection(
        parts.hostname or "",
        parts.port or 443,
        address=inputs.address,
        tls=True,
        ca_pem=inputs.ca_pem,
        timeout=_ANSWER_SECONDS,
    )
    try:
        connection.request("GET", parts.path)
        response = connection.getresponse()
        body = response.read()
    except ssl.SSLCertVerificationError as error:
        return f"its certificate is not one of the stack's CA ({error.verify_message})"
    except (OSError, http.client.HTTPException) as error:
        return f"no answer ({error})"
    finally:
        connection.close()
    return _refused(body, response.status) if response.status != 200 else _other(inputs, body)


def _refused(body: bytes, status: int) -> str:
    try:
        error = json.loads(body)["error"]
        return f"{status} {error['code']}: {error['message']}"
    except (ValueError, KeyError, TypeError, RecursionError):
        return f"{status}: {one_line(body.decode(errors='replace'), 200)}"


def _other(inputs: GroupReadyInputs, body: bytes) -> str | None:
    try:
        answer = json.loads(body)
        served = answer["model"], answer["version"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return f"200 with another body than a scoring server's: {one_line(body.decode(errors='replace'), 200)}"
    return None if served == (inputs.model, inputs.version) else f"{served[0]} {served[1]} answers still"


def _failure(ctx: OperationContext, inputs: GroupReadyInputs, why: str) -> ProviderError:
    told = standing(ctx, inputs.group_id, inputs.container).told
    lines = "\n".join(f"    {line}" for line in last_lines(ctx, inputs.group_id, inputs.container))
    return ProviderError(
        f"container group {inputs.group} is deployed and does not serve {inputs.model} at {inputs.url}, {why}\n"
        f"{told}; its last lines:\n{lines}"
    )
