"""Sign-in at Entra ID by `DefaultAzureCredential` (in a GitHub Actions job by its OIDC token), and what tokens say.

https://learn.microsoft.com/python/api/azure-identity/azure.identity.defaultazurecredential
It obeys HTTPS_PROXY and REQUESTS_CA_BUNDLE, as every Azure SDK for Python does.
"""

from __future__ import annotations

import base64
import json
import os
from typing import TYPE_CHECKING, Any, Literal

from cloud.federation import job_of
from cloud.sessions import once_per_process
from cloud.token_cache import CachedCredential

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential


_AZ_SECONDS = 60
"""`az` takes more than its default of 10 s on a busy machine, and with a cold disk (Azure/azure-cli#20404)."""


@once_per_process
def credential() -> TokenCredential:
    """One for the whole process: tokens are kept until shortly before they expire."""
    job = job_of(os.environ)
    return CachedCredential(job.credential() if job is not None else _default())


def _default() -> TokenCredential:
    from azure.identity import DefaultAzureCredential

    return DefaultAzureCredential(process_timeout=_AZ_SECONDS)


def tenant_of(token: str) -> str:
    """The tenant that issued a token: its `tid` claim."""
    return str(claims_of(token)["tid"])


def object_id_of(token: str) -> str:
    """The principal that a token is for: its `oid` claim."""
    return str(claims_of(token)["oid"])


def client_of(token: str) -> str:
    """The application that asked for a token: its `appid` claim, `azp` in version 2. For a person it is `az`'s."""
    claims = claims_of(token)
    return str(claims.get("appid") or claims.get("azp") or "")


def principal_type_of(token: str) -> Literal["User", "ServicePrincipal"]:
    """`User` or `ServicePrincipal`, as role assignments name a principal's type: by its `idtyp` claim.

    A tenant may leave that out; then only a user's token says what it was delegated (`scp`).
    https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
    """
    claims = claims_of(token)
    kind = claims.get("idtyp") or ("user" if "scp" in claims else "app")
    return "User" if kind == "user" else "ServicePrincipal"


def claims_of(token: str) -> dict[str, Any]:
    """Read, not verified: that is for the service to which the token goes."""
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims
