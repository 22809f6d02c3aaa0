"""IoT Hub's service REST, for what its SDK does not show: the codes of refusals, and If-Match without quotes.

https://learn.microsoft.com/rest/api/iothub/service
"""

from __future__ import annotations

from typing import Any

from cli.first_contact.contact import Contact
from cloud.errors import error_of_body

_SCOPE = "https://iothubs.azure.net/.default"
_API_VERSION = "2021-04-12"
_TIMEOUT_SECONDS = 30


class HubRest:
    def __init__(self, contact: Contact, host: str) -> None:
        self._contact = contact
        self._host = host

    def asked(self, method: str, path: str) -> tuple[int, str]:
        """Status and the hub's code, empty where it names none; 0 where it was not reached."""
        import requests

        try:
            answer = self._send(method, path)
        except requests.RequestException as error:
            return 0, type(error).__name__
        named = answer.headers.get("iothub-errorcode") or ""
        return answer.status_code, named or (error_of_body(answer.content)[0] if answer.status_code >= 400 else "")

    def put_with_bare_etag(self, configuration_id: str) -> str:
        """What the hub says to an If-Match without quotes, as azure-iot-hub sends it."""
        path = f"/configurations/{configuration_id}"
        document = self._send("GET", path).json()
        etag = str(document.get("etag", "")).strip('"')
        answer = self._send("PUT", path, document, {"If-Match": etag})
        return "taken" if answer.ok else f"{answer.status_code} {error_of_body(answer.content)[0]}"

    def _send(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        import requests

        return requests.request(
            method,
            f"https://{self._host}{path}",
            params={"api-version": _API_VERSION},
            json=body,
            headers={"Authorization": f"Bearer {self._contact.token(_SCOPE)}", **(headers or {})},
            timeout=_TIMEOUT_SECONDS,
        )
