"""Secret values that must outlive the process, never in plain in the stand-in's database.

They are one text sealed with AES-GCM, under a key in a file of its own. A mark is a keyed digest that stands where a
value was: equal marks are equal values, and nothing can be read from them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

Secrets = dict[str, str]
"""Names, of the owner's making -> values."""

_MARK = "sealed"
_NONCE_BYTES = 12


class Sealer:
    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._digest_key = hashlib.sha256(b"marks" + key).digest()

    @classmethod
    def of(cls, path: Path) -> Sealer:
        """The sealer whose key lies at the path; made at first use, for the owner's eyes alone."""
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(AESGCM.generate_key(256))
        except FileExistsError:
            pass
        return cls(path.read_bytes())

    def seal(self, secrets: Secrets) -> str:
        nonce = os.urandom(_NONCE_BYTES)
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, json.dumps(secrets).encode(), None)).decode()

    def open(self, sealed: str) -> Secrets:
        data = base64.b64decode(sealed)
        opened: Secrets = json.loads(self._cipher.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], None))
        return opened

    def mark(self, value: str) -> dict[str, str]:
        return {_MARK: hmac.new(self._digest_key, value.encode(), hashlib.sha256).hexdigest()}
