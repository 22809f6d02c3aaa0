"""The key of the token service: signs the access tokens that docker-registry checks, and its own refresh tokens.

https://distribution.github.io/distribution/spec/auth/jwt/ : ES256, certificate chain in `x5c`.
Times are the machine's, never the virtual clock's: docker-registry compares them with its own.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ACCESS_TOKEN_S = 300
REFRESH_TOKEN_S = 3 * 3600
_LEEWAY_S = 30


class Signer:
    def __init__(self, key_pem: bytes, certificate_pem: bytes) -> None:
        self._secret = hashlib.sha256(key_pem).digest()
        self._key = serialization.load_pem_private_key(key_pem, password=None)
        certificate = x509.load_pem_x509_certificate(certificate_pem)
        self._public = certificate.public_key()
        self._x5c = [base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()]

    @classmethod
    def of(cls, folder: Path) -> Signer:
        """The signer whose files lie in the folder; made at first use."""
        key, certificate = folder / "token.key", certificate_path(folder)
        if not (key.exists() and certificate.exists()):
            folder.mkdir(parents=True, exist_ok=True)
            key_pem, certificate_pem = _make()
            _write(key, key_pem)
            _write(certificate, certificate_pem)
        return cls(key.read_bytes(), certificate.read_bytes())

    def access_token(self, *, issuer: str, service: str, subject: str, access: Sequence[dict[str, object]]) -> str:
        return self._sign(issuer, service, subject, ACCESS_TOKEN_S, {"access": list(access)})

    def refresh_token(self, *, issuer: str, service: str, subject: str) -> str:
        return self._sign(issuer, service, subject, REFRESH_TOKEN_S, {"grant_type": "refresh_token"})

    def refresh_subject(self, token: str, *, issuer: str, service: str) -> str | None:
        """Who a refresh token stands for, or None when it is not ours, not for this registry or too old."""
        try:
            claims = jwt.decode(
                token, self._public_pem(), algorithms=["ES256"], audience=service, issuer=issuer, leeway=_LEEWAY_S
            )
        except (jwt.InvalidTokenError, RecursionError):
            return None
        subject = claims.get("sub")
        return subject if claims.get("grant_type") == "refresh_token" and isinstance(subject, str) else None

    def derive(self, label: str) -> str:
        """A secret that only the holder of the key file can compute, the same for the same label."""
        return hmac.new(self._secret, label.encode(), hashlib.sha256).hexdigest()

    def _sign(self, issuer: str, service: str, subject: str, lifetime_s: int, claims: dict[str, Any]) -> str:
        now = int(time.time())
        common = {"iss": issuer, "aud": service, "sub": subject, "iat": now, "nbf": now - _LEEWAY_S}
        unique = {"exp": now + lifetime_s, "jti": secrets.token_hex(16)}
        return jwt.encode(common | unique | claims, self._key, "ES256", headers={"x5c": self._x5c})  # type: ignore[arg-type]

    def _public_pem(self) -> bytes:
        return self._public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


class Keys:
    """The files that signer and registries share, in one folder; made at first use."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._signer: Signer | None = None

    @property
    def certificate(self) -> Path:
        return certificate_path(self._folder)

    def signer(self) -> Signer:
        if self._signer is None:
            self._signer = Signer.of(self._folder)
        return self._signer


def certificate_path(folder: Path) -> Path:
    return folder / "token.pem"


def _make() -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "edgeway stand-in registry tokens")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private, certificate.public_bytes(serialization.Encoding.PEM)


def _write(path: Path, content: bytes) -> None:
    """Readable by the owner alone from its first byte, and never half there."""
    partial = path.with_suffix(path.suffix + ".partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    partial.replace(path)
