"""Microsoft's service SDK for a stack's hub, asking again where the hub is not found for a moment."""

from __future__ import annotations

from typing import Any

from cloud.iot_hub.answers import asked
from cloud.operation import Waiting


class Patient:
    """A client of the SDK whose calls a hub that flickers does not end."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if not callable(found):
            return Patient(found)
        return lambda *given, **named: asked(Waiting(), name, lambda: found(*given, **named))


def registry_of(host: str) -> Any:
    from azure.identity import DefaultAzureCredential
    from azure.iot.hub import IoTHubRegistryManager  # type: ignore[import-untyped]

    return Patient(IoTHubRegistryManager.from_token_credential(host, DefaultAzureCredential()))


def configurations_of(host: str) -> Any:
    from azure.identity import DefaultAzureCredential
    from azure.iot.hub import IoTHubConfigurationManager

    return Patient(IoTHubConfigurationManager.from_token_credential(host, DefaultAzureCredential()))
