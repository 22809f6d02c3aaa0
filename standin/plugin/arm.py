"""Azure Resource Manager over HTTP, with azure-core's own pipeline: credentials, proxy, CA and retries as in any SDK.

https://github.com/Azure/azure-resource-manager-rpc/blob/master/v1.0/Addendum.md
Imported at the first call only: a preview without changes makes none, and these imports take half a second.
"""

from __future__ import annotations

import threading
from typing import Any

import requests
from azure.core.credentials import TokenCredential
from azure.core.exceptions import AzureError, ClientAuthenticationError
from azure.core.pipeline.policies import HeadersPolicy, RequestIdPolicy, RetryPolicy, UserAgentPolicy
from azure.core.pipeline.transport import RequestsTransport
from azure.core.rest import HttpRequest, HttpResponse
from azure.mgmt.core import ARMPipelineClient
from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy
from requests.adapters import HTTPAdapter

from pluginbase.resource import Cancelled, ProviderError

PUBLIC_CLOUD = "https://management.azure.com"
# Together more than a minute of trying: Azure, or the stand-in that is restarted, may be away for half of one.
RETRIES = {
    "retry_total": 24,
    "retry_connect": 20,
    "retry_read": 20,
    "retry_status": 10,
    "retry_backoff_factor": 0.5,
    "retry_backoff_max": 4,
}
# As many as the engine runs operations at once: each connection costs a tunnel and a handshake.
_CONNECTIONS = 64
_ABSENT = frozenset({404, 410})


class ArmError(ProviderError):
    """A refusal of Azure, worded as azure-native words it."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f'Status={status} Code="{code}" Message="{message}"')
        self.status = status
        self.code = code


class Arm:
    """Requests to one endpoint. Shared by all operations: safe to use from many threads."""

    def __init__(
        self,
        credential: TokenCredential | None,
        *,
        endpoint: str = PUBLIC_CLOUD,
        scope: str = f"{PUBLIC_CLOUD}/.default",
        cancelled: threading.Event | None = None,
        **retries: float,
    ) -> None:
        policies: list[Any] = [
            RequestIdPolicy(),
            HeadersPolicy(),
            UserAgentPolicy(base_user_agent="pulumi-azure-native"),
            RetryPolicy(**{**RETRIES, **retries}),
        ]
        if credential is not None:
            policies.append(ARMChallengeAuthenticationPolicy(credential, scope))
        transport = _Transport(cancelled or threading.Event())
        self._client: Any = ARMPipelineClient(base_url=endpoint, policies=policies, transport=transport)
        transport.open()

    def close(self) -> None:
        self._client.close()

    def get(self, path: str, version: str) -> dict[str, Any] | None:
        """The resource, or None where there is none."""
        response = self.send("GET", path, version)
        return None if response.status_code in _ABSENT else content(response)

    def post(self, path: str, version: str) -> dict[str, Any]:
        """An action that only reads, such as listKeys: safe to repeat."""
        response = self.send("POST", path, version)
        if response.status_code in _ABSENT:
            raise _error(response)
        return content(response)

    def send(self, method: str, url: str, version: str | None = None, body: Any = None) -> HttpResponse:
        """Any answer but a refusal; that nothing is there is no refusal of a GET, a DELETE or a poll."""
        request = HttpRequest(
            method, self._client.format_url(url), params={"api-version": version} if version else None, json=body
        )
        try:
            response: HttpResponse = self._client.send_request(
                request, retry_on_methods=["GET", "PUT", "POST", "DELETE"]
            )
        except ClientAuthenticationError as error:
            raise ProviderError(f"cannot sign in to Azure: {error.message}") from error
        except AzureError as error:
            raise ProviderError(f"{method} {url}: no answer from Azure: {error.message}") from error
        if response.status_code >= 400 and not (response.status_code in _ABSENT and method != "PUT"):
            raise _error(response)
        return response


class _Transport(RequestsTransport):  # type: ignore[misc]
    """Waits between retries no longer than until Ctrl-C."""

    def __init__(self, cancelled: threading.Event) -> None:
        session = requests.Session()
        for scheme in ("https://", "http://"):
            session.mount(scheme, HTTPAdapter(pool_maxsize=_CONNECTIONS))
        super().__init__(session=session)
        self._cancelled = cancelled

    def sleep(self, duration: float) -> None:
        if self._cancelled.wait(duration):
            raise Cancelled("cancelled")


def content(response: HttpResponse) -> dict[str, Any]:
    """The JSON object of an answer; empty where there is none (202, 204)."""
    if not response.content:
        return {}
    try:
        found = response.json()
    except ValueError:
        text = response.text()[:200]
        raise ProviderError(f"{response.request.method} {response.request.url}: no JSON in {text!r}") from None
    return found if isinstance(found, dict) else {"value": found}


def _error(response: HttpResponse) -> ArmError:
    try:
        body = content(response)
    except ProviderError:
        body = {"message": response.text()[:500]}
    return failure(response.status_code, body)


def failure(status: int, body: dict[str, Any]) -> ArmError:
    """Services differ in how they wrap code and message: in `error`, or bare, in either case."""
    wrapped = body.get("error")
    error: dict[str, Any] = wrapped if isinstance(wrapped, dict) else body
    code = error.get("code") or error.get("Code") or "Unknown"
    message = error.get("message") or error.get("Message") or "Azure gave no reason"
    listed = error.get("details")
    inner = [detail for detail in listed if isinstance(detail, dict)] if isinstance(listed, list) else []
    details = [str(detail["message"]) for detail in inner if detail.get("message")]
    return ArmError(status, str(code), "; ".join([str(message), *details]))
