"""Azure's control plane, the Resource Manager, by resource id, over azure-core's pipeline.

https://learn.microsoft.com/rest/api/azure/
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cloud.errors import ServiceError, error_of_body
from cloud.operation import Operation
from cloud.retrying import RetryLimits, with_retries
from cloud.sessions import once_per_process
from cloud.sign_in import credential
from cloud.wording import one_line

if TYPE_CHECKING:
    from azure.core.rest import HttpResponse

_ARM_NAME = "management.azure.com"
ARM_HOST = f"https://{_ARM_NAME}"
ARM_SCOPE = f"{ARM_HOST}/.default"
# A deployer's own rights at ARM do not come with the stack: a refusal is believed sooner than one of a data plane.
ARM_LIMITS = RetryLimits(unauthorised_seconds=60.0)
_POLL_SECONDS = 5.0
_LONGEST_POLL_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: Any
    """The JSON document, None where there was none."""


class Arm:
    """Calls for one operation; a refusal is a ServiceError with ARM's code and message.

    Arm(ctx).get(f"/subscriptions/{id}/resourceGroups/{name}", "2024-03-01").body["location"]
    """

    def __init__(self, operation: Operation, limits: RetryLimits = ARM_LIMITS) -> None:
        self._operation = operation
        self._limits = limits

    def get(self, path: str, api_version: str, **query: str) -> Answer:
        return self.request("GET", path, api_version, query=query)

    def request(
        self, method: str, path: str, api_version: str, *, body: Any = None, query: Mapping[str, str] | None = None
    ) -> Answer:
        """`path` is the resource id, or one followed by an action: `/subscriptions/...`."""
        parameters = {"api-version": api_version, **(query or {})}
        what = f"{method} {path}"
        return with_retries(
            self._operation, what, lambda: _send(what, method, ARM_HOST + path, parameters, body), self._limits
        )

    def action(self, path: str, api_version: str, body: Any, what: str) -> Any:
        """The result of a POST that may be long, a document; None where it has none.

        Where the answer names both, Azure-AsyncOperation says how it goes and Location has the result
        (`final-state-via: location`), which a secret shown once is found in alone.
        """
        answer = self.request("POST", path, api_version, body=body)
        ended = self.follow(answer, what)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        if answer.status == 202 and "azure-asyncoperation" in headers and "location" in headers:
            ended = self.follow(Answer(202, {"location": headers["location"]}, None), what)
        return ended.body

    def within(self, operation: Operation) -> Arm:
        """The same for another operation, which may end earlier."""
        return Arm(operation, self._limits)

    def polling(self) -> Arm:
        """For looking how it goes after something was accepted: a refusal then is no role that is on its way."""
        return Arm(self._operation, replace(self._limits, unauthorised_seconds=0.0))

    def follow(self, answer: Answer, what: str) -> Answer:
        """The end of a long operation: polls its Azure-AsyncOperation or Location until it says how it went."""
        headers = {name.lower(): value for name, value in answer.headers.items()}
        url = headers.get("azure-asyncoperation") or headers.get("location")
        if url is None or answer.status not in (200, 201, 202):
            return answer
        if re.match(rf"https://([a-z0-9-]+\.)*{re.escape(_ARM_NAME)}(:443)?/", url, re.IGNORECASE) is None:
            raise ServiceError(
                what, answer.status, "", f"it is to be asked at {url}, which is no address of {_ARM_NAME}"
            )
        limits = replace(self._limits, unauthorised_seconds=0.0)
        polled_for_status = "azure-asyncoperation" in headers
        while True:
            polled = with_retries(self._operation, what, lambda: _send(what, "GET", url, {}, None), limits)
            told = polled.body if isinstance(polled.body, Mapping) else {}
            state = str(told.get("status", "")).lower() if polled_for_status else ""
            if state in ("failed", "canceled"):
                raise ServiceError(what, 200, *error_of_body(json.dumps(polled.body)))
            if (polled_for_status and state == "succeeded") or (not polled_for_status and polled.status != 202):
                return polled
            self._operation.status(f"{what}: {state or 'in progress'}")
            self._operation.wait(min(_retry_after_seconds(polled.headers, _POLL_SECONDS), _LONGEST_POLL_SECONDS))


def _send(what: str, method: str, url: str, parameters: Mapping[str, str], body: Any) -> Answer:
    from azure.core.rest import HttpRequest

    request = (
        HttpRequest(method, url, params=dict(parameters), json=body)
        if body is not None
        else HttpRequest(method, url, params=dict(parameters))
    )
    response: HttpResponse = _pipeline().send_request(request)
    text = response.text()
    if response.status_code >= 400:
        code, message = error_of_body(text)
        wait = _retry_after_seconds(response.headers, 0.0) or None
        raise ServiceError(what, response.status_code, code, message, retry_after=wait)
    if response.status_code >= 300:
        to = response.headers.get("Location", "nowhere")
        raise ServiceError(what, response.status_code, "", f"it sends on to {to}, as ARM does not: a proxy?")
    return Answer(response.status_code, dict(response.headers), _document(what, response.status_code, text))


def _document(what: str, status: int, text: str) -> Any:
    """None where there is none. Something between here and Azure may answer a page of its own."""
    try:
        return json.loads(text) if text else None
    except (ValueError, RecursionError) as error:
        raise ServiceError(what, status, "", f"no JSON, which ARM always answers: {one_line(text, 100)}") from error


@once_per_process
def _pipeline() -> Any:
    from azure.core.pipeline.policies import HeadersPolicy, RequestIdPolicy, RetryPolicy, UserAgentPolicy
    from azure.mgmt.core import ARMPipelineClient
    from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy

    policies = [
        RequestIdPolicy(),
        HeadersPolicy(),
        UserAgentPolicy("edgeway"),
        # The longer repetition, which tells how it goes, is `with_retries`. Of an answer it is the only one: this
        # policy would sleep for as long as Retry-After says, an hour too, and nobody could tell.
        RetryPolicy(retry_total=1, retry_status=0),
        ARMChallengeAuthenticationPolicy(credential(), ARM_SCOPE),
    ]
    return ARMPipelineClient(base_url=ARM_HOST, policies=policies)


def _retry_after_seconds(headers: Mapping[str, str], otherwise: float) -> float:
    text = next((value for name, value in headers.items() if name.lower() == "retry-after"), None)
    try:
        seconds = float(text) if text is not None else otherwise
    except ValueError:
        return otherwise
    return max(seconds, 0.1) if math.isfinite(seconds) and text is not None else otherwise
