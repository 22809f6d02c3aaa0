"""Who the plugin is to Azure: subscription and credential, from the provider's configuration or the environment.

The names are azure-native's: https://www.pulumi.com/registry/packages/azure-native/installation-configuration/
"""

from __future__ import annotations

import base64
import json
import os
import threading
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pluginbase.resource import Properties, ProviderError

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

    from standin.plugin.arm import Arm

_MANAGEMENT_SCOPE = "https://management.azure.com/.default"
_VAULT_SCOPE = "https://vault.azure.net/.default"


class Account:
    """Made once per plugin; connects at the first call that needs Azure."""

    def __init__(self, environment: Mapping[str, str] | None = None, cancelled: threading.Event | None = None) -> None:
        self._environment = os.environ if environment is None else environment
        self._cancelled = cancelled or threading.Event()
        self._config: Properties = {}
        self._lock = threading.Lock()

    def configure(self, config: Properties) -> None:
        self._config = config

    @property
    def default_location(self) -> str | None:
        return self._setting("location", "ARM_LOCATION_NAME")

    @property
    def subscription(self) -> str:
        return self._needed("subscriptionId", "ARM_SUBSCRIPTION_ID", "AZURE_SUBSCRIPTION_ID")

    def arm(self) -> Arm:
        """The connection to Resource Manager."""
        with self._lock:
            return self._management

    def vault(self, name: str) -> Arm:
        """A connection to the data plane of a key vault."""
        from standin.plugin.arm import Arm

        endpoint = f"https://{name}.vault.azure.net"
        return Arm(self._credential, endpoint=endpoint, scope=_VAULT_SCOPE, cancelled=self._cancelled)

    def client(self) -> Properties:
        """What the token says of the caller (getClientConfig)."""
        claims = _claims(self.token())
        return {
            "clientId": claims.get("appid", ""),
            "objectId": claims.get("oid", ""),
            "subscriptionId": self.subscription,
            "tenantId": claims.get("tid", ""),
        }

    def token(self) -> str:
        """For Resource Manager (getClientToken)."""
        with self._lock:
            return self._credential.get_token(_MANAGEMENT_SCOPE).token

    @cached_property
    def _management(self) -> Arm:
        from standin.plugin.arm import Arm

        return Arm(self._credential, cancelled=self._cancelled)

    @cached_property
    def _credential(self) -> TokenCredential:
        from azure.identity import ClientSecretCredential, DefaultAzureCredential

        from standin.plugin.arm import RETRIES

        secret = self._setting("clientSecret", "ARM_CLIENT_SECRET", "AZURE_CLIENT_SECRET")
        if secret is None:
            return DefaultAzureCredential(**RETRIES)
        return ClientSecretCredential(
            self._needed("tenantId", "ARM_TENANT_ID", "AZURE_TENANT_ID"),
            self._needed("clientId", "ARM_CLIENT_ID", "AZURE_CLIENT_ID"),
            secret,
            **RETRIES,
        )

    def _needed(self, name: str, *variables: str) -> str:
        value = self._setting(name, *variables)
        if value is None:
            raise ProviderError(f"no {name}: set {' or '.join(variables)}, or `pulumi config set azure-native:{name}`")
        return value

    def _setting(self, name: str, *variables: str) -> str | None:
        for value in (self._config.get(name), *(self._environment.get(variable) for variable in variables)):
            if value:
                return str(value)
        return None


def _claims(token: str) -> dict[str, Any]:
    """The claims of a token, unverified: Azure verifies it, this only reads who it is about."""
    parts = token.split(".")
    if len(parts) != 3:
        raise ProviderError("the access token is no JWT: it does not say who the caller is")
    payload = parts[1] + "=" * (-len(parts[1]) % 4)
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload))
    return claims
