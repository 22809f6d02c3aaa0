"""Secrets of a Key Vault, at the vault's own host: ARM writes secrets too, but neither reads nor deletes them.

https://learn.microsoft.com/rest/api/keyvault/secrets/operation-groups
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cloud.errors import ServiceError, error_of_body, is_missing
from cloud.operation import Operation
from cloud.retrying import DEFAULT_LIMITS, RetryLimits, with_retries
from cloud.sessions import once_per_process
from cloud.sign_in import credential
from cloud.there import VAULT, Absence

_SCOPE = "https://vault.azure.net/.default"
_VERSION = "7.4"
_RECOVERY_SECONDS, _PAUSE_SECONDS = 120.0, 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """The newest version of one."""

    value: str = field(repr=False)
    version: str
    tags: Mapping[str, str]
    written: datetime
    """By the vault's clock, in whole seconds."""


class KeyVault:
    """Calls for one operation; each raises ServiceError, `is_missing` where there is no such secret.

    KeyVault(ctx, "kv-edgeway-dev-1a2b3c").secret("device-vm-01").value
    """

    def __init__(self, operation: Operation, vault: str, limits: RetryLimits = DEFAULT_LIMITS) -> None:
        self._operation = operation
        self._limits = limits
        self.host = f"{vault.lower()}.vault.azure.net"
        self._absence = Absence(operation, VAULT, self.host)

    def secret(self, name: str) -> Secret:
        return _secret(self._call("GET", f"/secrets/{name}"))

    def tag_secret(self, name: str, version: str, tags: Mapping[str, str]) -> None:
        self._call("PATCH", f"/secrets/{name}/{version}", {"tags": dict(tags)})

    def set_secret(self, name: str, value: str, tags: Mapping[str, str]) -> None:
        """A new version. A secret of the name that was deleted is recovered first: until it is purged, it has the name.

        https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview
        """
        body = {"value": value, "contentType": "text/plain", "tags": dict(tags)}
        try:
            self._call("PUT", f"/secrets/{name}", body)
        except ServiceError as error:
            if error.status != 409:
                raise
            self._recover(name)
            self._call("PUT", f"/secrets/{name}", body)

    def delete_secret(self, name: str) -> None:
        self._call("DELETE", f"/secrets/{name}")

    def _recover(self, name: str) -> None:
        """Until it can be read again, which takes Azure some seconds. Asked anew each time: one whose deletion has not
        ended yet cannot be recovered, and has its name all the same."""
        waited = 0.0
        while True:
            try:
                self._call("POST", f"/deletedsecrets/{name}/recover")
            except ServiceError as error:
                if error.status != 409 and not is_missing(error):  # somebody else's recovery is on its way, or is done
                    raise
            try:
                self._call("GET", f"/secrets/{name}")
                return
            except ServiceError as error:
                if not is_missing(error) or waited >= _RECOVERY_SECONDS:
                    raise
            self._operation.status(f"secret {name!r} of {self.host} is being recovered")
            self._operation.wait(_PAUSE_SECONDS)
            waited += _PAUSE_SECONDS

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        what = f"secret {path.split('/')[2]!r} of {self.host}"
        url = f"https://{self.host}{path}"
        return with_retries(
            self._operation, what, lambda: _send(what, method, url, body), self._limits, self._absence.of
        )


def _secret(bundle: Mapping[str, Any]) -> Secret:
    attributes = bundle.get("attributes") or {}
    return Secret(
        value=str(bundle["value"]),
        version=str(bundle["id"]).rpartition("/")[2],
        tags=dict(bundle.get("tags") or {}),
        written=datetime.fromtimestamp(int(attributes["created"]), UTC),
    )


def _send(what: str, method: str, url: str, body: Any) -> Any:
    from azure.core.rest import HttpRequest

    request = HttpRequest(method, url, params={"api-version": _VERSION}, json=body)
    response = _pipeline().send_request(request)
    if response.status_code >= 400:
        code, message = error_of_body(response.text())
        raise ServiceError(what, response.status_code, code, message)
    return response.json() if response.text() else {}


@once_per_process
def _pipeline() -> Any:
    from azure.core import PipelineClient
    from azure.core.pipeline.policies import BearerTokenCredentialPolicy, RequestIdPolicy, RetryPolicy, UserAgentPolicy

    return PipelineClient(
        base_url="https://vault.azure.net",
        policies=[
            RequestIdPolicy(),
            UserAgentPolicy("edgeway"),
            RetryPolicy(retry_total=1, retry_status=0),  # the longer repetition is `with_retries`
            BearerTokenCredentialPolicy(credential(), _SCOPE),
        ],
    )
