"""Azure's sign-in and control plane: `DefaultAzureCredential`, and ARM over azure-core's pipeline.

https://learn.microsoft.com/rest/api/azure/
Both obey HTTPS_PROXY and REQUESTS_CA_BUNDLE, as every Azure SDK for Python does.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from infra.provider.errors import ServiceError, error_of_body
from infra.provider.patience import persist
from pluginbase.resource import Ctx

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from azure.core.rest import HttpResponse

ARM_HOST = "https://management.azure.com"
ARM_SCOPE = f"{ARM_HOST}/.default"
_POLL_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: Any


@cache
def credential() -> TokenCredential:
    from azure.identity import DefaultAzureCredential

    return DefaultAzureCredential()


def tenant_of(token: str) -> str:
    """The tenant that issued an Entra token: its `tid` claim."""
    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return str(claims["tid"])


class Arm:
    """Requests to ARM by resource id; a refusal is a ServiceError with ARM's code and message."""

    def get(self, ctx: Ctx, path: str, api_version: str, **query: str) -> Answer:
        return self.request(ctx, "GET", path, api_version, query=query)

    def request(
        self,
        ctx: Ctx,
        method: str,
        path: str,
        api_version: str,
        *,
        body: Any = None,
        query: Mapping[str, str] | None = None,
        unauthorised_s: float = 60.0,
    ) -> Answer:
        parameters = {"api-version": api_version, **(query or {})}
        what = f"{method} {path}"
        return persist(
            ctx, what, lambda: _send(what, method, ARM_HOST + path, parameters, body), unauthorised_s=unauthorised_s
        )

    def follow(self, ctx: Ctx, answer: Answer, what: str) -> Answer:
        """The end of a long operation: polls its Azure-AsyncOperation or Location until it says how it went."""
        headers = {name.lower(): value for name, value in answer.headers.items()}
        url = headers.get("azure-asyncoperation") or headers.get("location")
        if url is None or answer.status not in (200, 201, 202):
            return answer
        polled_for_status = "azure-asyncoperation" in headers
        while True:
            polled = persist(ctx, what, lambda: _send(what, "GET", url, {}, None))
            state = str((polled.body or {}).get("status", "")).lower() if polled_for_status else ""
            if state in ("failed", "canceled"):
                raise ServiceError(what, 200, *error_of_body(json.dumps(polled.body)))
            if (polled_for_status and state == "succeeded") or (not polled_for_status and polled.status != 202):
                return polled
            ctx.status(f"{what}: {state or 'in progress'}")
            ctx.wait(_seconds(polled.headers, _POLL_SECONDS))


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
        wait = _seconds(response.headers, 0.0) or None
        raise ServiceError(what, response.status_code, code, message, retry_after=wait)
    return Answer(response.status_code, dict(response.headers), json.loads(text) if text else None)


@cache
def _pipeline() -> Any:
    from azure.core.pipeline.policies import HeadersPolicy, RequestIdPolicy, RetryPolicy, UserAgentPolicy
    from azure.mgmt.core import ARMPipelineClient
    from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy

    policies = [
        RequestIdPolicy(),
        HeadersPolicy(),
        UserAgentPolicy("edgeway"),
        # the longer patience, with progress in the resource's row, is ours
        RetryPolicy(retry_total=1),
        ARMChallengeAuthenticationPolicy(credential(), ARM_SCOPE),
    ]
    return ARMPipelineClient(base_url=ARM_HOST, policies=policies)


def _seconds(headers: Mapping[str, str], otherwise: float) -> float:
    found = next((value for name, value in headers.items() if name.lower() == "retry-after"), None)
    try:
        return max(float(found), 0.1) if found is not None else otherwise
    except ValueError:
        return otherwise
