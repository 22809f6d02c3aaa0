"""Sign-in of a GitHub Actions job by its OIDC token, asked for anew each time.

`az login` keeps the assertion that it signed in with, which ends after minutes: a token for another audience, asked for
later, is refused with AADSTS700024 (Azure/login#372). A job may ask for as many as it wants:
https://docs.github.com/actions/reference/security/oidc#methods-for-requesting-the-oidc-token
"""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cloud.errors import ServiceError

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

URL, TOKEN = "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"
_AUDIENCE = "api://AzureADTokenExchange"
_TIMEOUT_SECONDS = 30
_LONGEST_ANSWER = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job that may ask for its OIDC token (`permissions: id-token: write`), and the application that it becomes."""

    url: str
    request_token: str
    client: str
    tenant: str

    def assertion(self) -> str:
        separator = "&" if urllib.parse.urlsplit(self.url).query else "?"
        url = f"{self.url}{separator}audience={urllib.parse.quote(_AUDIENCE, safe='')}"
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {self.request_token}"})
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:
                told = answer.read(_LONGEST_ANSWER)
        except (OSError, http.client.HTTPException) as error:
            status = error.code if isinstance(error, urllib.error.HTTPError) else 0
            raise ServiceError("the job's OIDC token", status, "", str(error)) from error
        try:
            return _text(json.loads(told)["value"])
        except (LookupError, RecursionError, TypeError, ValueError) as error:
            raise ServiceError("the job's OIDC token", 200, "", "GitHub's answer has no token in it") from error

    def credential(self) -> TokenCredential:
        from azure.identity import ClientAssertionCredential

        return ClientAssertionCredential(self.tenant, self.client, self.assertion)


def job_of(environment: Mapping[str, str]) -> Job | None:
    """None outside of such a job, and where another way of signing in is set up.

    The application is named as for Microsoft's SDKs, or as for azure-native.
    """
    client, tenant = (environment.get(f"AZURE_{name}") or environment.get(f"ARM_{name}") for name in _NAMES)
    url, request_token = environment.get(URL), environment.get(TOKEN)
    others = ("AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE")
    if not (client and tenant and url and request_token) or any(environment.get(name) for name in others):
        return None
    return Job(url=url, request_token=request_token, client=client, tenant=tenant)


_NAMES = ("CLIENT_ID", "TENANT_ID")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
