"""Backups of secrets: sealed, as Azure's are, so that only what a vault here gave out can be restored.

https://learn.microsoft.com/rest/api/keyvault/secrets/restore-secret/restore-secret
"""

from __future__ import annotations

import base64
import json
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from standin.core.store import Store
from standin.keyvault.errors import BadParameter

_KIND, _KEY = "vault backup", "key"
_NONCE_BYTES = 12


class Backups:
    def __init__(self, store: Store) -> None:
        self._store = store

    def seal(self, kept: dict[str, Any]) -> str:
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + self._cipher().encrypt(nonce, json.dumps(kept).encode(), None)
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def open(self, text: str) -> dict[str, Any]:
        """Raises BadParameter for what is none of ours."""
        try:
            sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            kept: dict[str, Any] = json.loads(
                self._cipher().decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
            )
        except (ValueError, InvalidTag) as error:
            raise BadParameter("value is no backup of a secret.") from error
        return kept

    def _cipher(self) -> AESGCM:
        key = self._store.once(_KIND, _KEY, lambda: base64.b64encode(AESGCM.generate_key(256)).decode())
        return AESGCM(base64.b64decode(key))
