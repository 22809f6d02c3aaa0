"""Step 5: Pulumi's state in Azure's storage, and the key of a vault that encrypts its secrets."""

from __future__ import annotations

import base64
import secrets
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cli.first_contact.contact import Contact
from cli.first_contact.finding import NotMeant, Surprise, wanted
from cli.first_contact.step import Step
from cli.needs.before_up import state_backend
from cli.stack.environment import child_environment
from cloud.errors import ServiceError, error_of_body

_VAULT_SCOPE = "https://vault.azure.net/.default"
_API = "7.4"
_ALGORITHM = "RSA-OAEP-256"
"""What Pulumi's secrets provider uses (gocloud.dev/secrets/azurekeyvault)."""
_TIMEOUT_SECONDS = 30


class State:
    def __init__(self, contact: Contact) -> None:
        self._contact = contact

    def container(self) -> str:
        from azure.storage.blob import ContainerClient

        from cloud.sign_in import credential

        url = self._backend()
        account, container = _account(url, self._contact), url.hostname or ""
        client = ContainerClient(
            f"https://{account}.blob.core.windows.net", container, credential=credential(), retry_total=1
        )
        with client:
            names = [blob.name for _, blob in zip(range(5), client.list_blobs(), strict=False)]
        return f"{account}/{container} is read with the login; {len(names) or 'no'} blobs seen"

    def key(self) -> str:
        """Encrypts something and decrypts it again: what an `up` does with the stack's data key."""
        provider = str(self._contact.config.get("secretsprovider") or "")
        if not provider.startswith("azurekeyvault://"):
            raise NotMeant(
                f"the stack file names {provider.partition(':')[0] or 'no secretsprovider'}, no key of a vault"
            )
        address = urlsplit(provider)
        key = f"https://{address.netloc}{address.path}"
        bundle = self._call("GET", key)
        kid, given = str(bundle["key"]["kid"]), secrets.token_bytes(32)
        secret = self._call("POST", f"{kid}/encrypt", {"alg": _ALGORITHM, "value": _text(given)})["value"]
        plain = self._call("POST", f"{kid}/decrypt", {"alg": _ALGORITHM, "value": secret})["value"]
        operations = ", ".join(bundle["key"].get("key_ops") or ())
        return wanted(_bytes(plain) == given, f"{_ALGORITHM} there and back; key_ops {operations}")

    def _backend(self) -> Any:
        backend = state_backend(child_environment(self._contact.stack))
        url = urlsplit(backend.found)
        if not backend.ok or url.scheme != "azblob":
            raise NotMeant(f"the state backend is {url.scheme or 'not set'}, not Azure's storage")
        return url

    def _call(self, method: str, url: str, body: Any = None) -> Any:
        import requests

        headers = {"Authorization": f"Bearer {self._contact.token(_VAULT_SCOPE)}"}
        answer = requests.request(
            method, url, params={"api-version": _API}, json=body, headers=headers, timeout=_TIMEOUT_SECONDS
        )
        if answer.status_code >= 400:
            code, message = error_of_body(answer.content)
            raise ServiceError(f"{method} {url}", answer.status_code, code, message)
        found = answer.json()
        if not isinstance(found, dict):
            raise Surprise(f"{method} {url} answers no object")
        return found


def _account(url: Any, contact: Contact) -> str:
    asked = parse_qs(url.query).get("storage_account") or [contact.environment("AZURE_STORAGE_ACCOUNT")]
    return str(asked[0])


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


STEP = Step(
    number=5,
    name="state",
    does="the state's container with the login; a key of the vault, there and back",
    price="nothing",
    limit_s=120,
    begin=State,
    checks={"P-state-container": State.container, "P-state-key": State.key},
)
