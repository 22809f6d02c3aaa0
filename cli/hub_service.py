"""The hub's registry as the command line reads it, with the signed-in identity. https://learn.microsoft.com/rest/api/iothub/service"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from cli.errors import Failed, Refused

_SCOPE = "https://iothubs.azure.net/.default"
_API_VERSION = "2021-04-12"


class HubService:
    def __init__(self, host: str) -> None:
        from azure.core import PipelineClient
        from azure.core.pipeline.policies import BearerTokenCredentialPolicy, HeadersPolicy, RetryPolicy
        from azure.identity import DefaultAzureCredential

        policies = [HeadersPolicy(), RetryPolicy(), BearerTokenCredentialPolicy(DefaultAzureCredential(), _SCOPE)]
        self._client: Any = PipelineClient(f"https://{host}", policies=policies)
        self.host = host

    def twin(self, device: str, module: str | None = None) -> dict[str, Any]:
        path = f"/twins/{quote(device, safe='')}" + (f"/modules/{quote(module, safe='')}" if module else "")
        return dict(self._get(path, f"device {device!r}"))

    def device(self, device: str) -> dict[str, Any]:
        return dict(self._get(f"/devices/{quote(device, safe='')}", f"device {device!r}"))

    def configuration(self, configuration_id: str) -> dict[str, Any]:
        return dict(self._get(f"/configurations/{quote(configuration_id, safe='')}", configuration_id))

    def _get(self, path: str, what: str) -> Any:
        from azure.core.exceptions import AzureError
        from azure.core.rest import HttpRequest

        try:
            response = self._client.send_request(
                HttpRequest("GET", f"https://{self.host}{path}", params={"api-version": _API_VERSION})
            )
        except AzureError as error:
            raise Failed(f"{self.host}: {' '.join(str(error).split())[:400]}") from error
        if response.status_code == 404:
            raise Refused(f"{what} does not exist in {self.host}")
        if response.status_code != 200:
            raise Failed(
                f"{self.host} answered {response.status_code} for {what}: {' '.join(response.text().split())[:300]}"
            )
        return response.json()
