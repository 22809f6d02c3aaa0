"""RSA keys of a vault, which encrypt and decrypt at the vault: what Pulumi's secrets provider asks of one.

https://learn.microsoft.com/rest/api/keyvault/keys/operation-groups
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Mapping
from typing import Any

from standin.core.arm import Arm, Resource
from standin.core.errors import BadRequest, NotFound
from standin.keyvault.errors import KeyDisabled

ALGORITHM = "RSA-OAEP-256"
_SIZES = (2048, 3072, 4096)
_APPLIED = ("encrypt", "decrypt", "wrapkey", "unwrapkey")
_OPERATIONS = ["encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"]


class Keys:
    """They lie with their vault, and go with it."""

    def __init__(self, arm: Arm) -> None:
        self._arm = arm

    def create(self, vault: Resource, name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import rsa

        size = asked.get("key_size", 2048)
        if asked.get("kty") != "RSA" or size not in _SIZES:
            raise BadRequest(f"kty must be RSA and key_size one of {_SIZES}, got {dict(asked)!r}.", code="BadParameter")
        private = rsa.generate_private_key(public_exponent=65537, key_size=size)
        pem = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        made = {
            "version": uuid.uuid4().hex,
            "pem": pem.decode(),
            "operations": list(asked.get("key_ops") or _OPERATIONS),
            "enabled": (asked.get("attributes") or {}).get("enabled", True),
            "tags": asked.get("tags") or {},
        }
        keys = vault.private.setdefault("keys", {})
        before = keys.get(name.lower())
        keys[name.lower()] = {**made, "older": [before, *before.pop("older", [])] if before else []}
        self._arm.save(vault)
        return self.described(vault, name)

    def described(self, vault: Resource, name: str, version: str = "") -> dict[str, Any]:
        kept = self._kept(vault, name, version)
        numbers = _private(kept).public_key().public_numbers()
        return {
            "key": {
                "kid": f"https://{vault.name.lower()}.vault.azure.net/keys/{name}/{kept['version']}",
                "kty": "RSA",
                "key_ops": kept["operations"],
                "n": encoded(numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")),
                "e": encoded(numbers.e.to_bytes(3, "big")),
            },
            "attributes": {"enabled": kept.get("enabled", True)},
            **({"tags": kept["tags"]} if kept.get("tags") else {}),
        }

    def apply(
        self, vault: Resource, name: str, version: str, operation: str, asked: Mapping[str, Any]
    ) -> dict[str, Any]:
        """`operation` is encrypt, decrypt, wrapkey or unwrapkey; no version is the newest."""
        kept = self._kept(vault, name, version)
        if operation not in _APPLIED:
            raise BadRequest(f"Operation {operation} is none of {', '.join(_APPLIED)}.", code="BadParameter")
        if not kept.get("enabled", True):
            raise KeyDisabled(operation)
        if asked.get("alg") != ALGORITHM:
            raise BadRequest(f"alg must be {ALGORITHM}, got {asked.get('alg')!r}.", code="BadParameter")
        if operation not in [allowed.lower() for allowed in kept["operations"]]:
            raise BadRequest(f"Operation {operation} is not permitted on this key.", code="KeyOperationForbidden")
        value, private = decoded(str(asked.get("value", ""))), _private(kept)
        try:
            done = (
                private.public_key().encrypt(value, _padding())
                if operation in ("encrypt", "wrapkey")
                else private.decrypt(value, _padding())
            )
        except ValueError as error:
            raise BadRequest("The value cannot be processed with this key.", code="BadParameter") from error
        return {"kid": self.described(vault, name, version)["key"]["kid"], "value": encoded(done)}

    @staticmethod
    def _kept(vault: Resource, name: str, version: str) -> dict[str, Any]:
        newest: dict[str, Any] | None = vault.private.get("keys", {}).get(name.lower())
        known: list[dict[str, Any]] = [newest, *newest.get("older", [])] if newest else []
        for kept in known:
            if version in ("", kept["version"]):
                return kept
        told = f"{name}/{version}" if version else name
        raise NotFound(f"A key with (name/id) {told} was not found in this key vault.", code="KeyNotFound")


def _private(kept: Mapping[str, Any]) -> Any:
    from cryptography.hazmat.primitives import serialization

    return serialization.load_pem_private_key(kept["pem"].encode(), None)


def _padding() -> Any:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    return padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)


def encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise BadRequest("value is not base64url.", code="BadParameter") from error
