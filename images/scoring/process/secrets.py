"""The key and the certificate, read from a secret volume: never from the environment, never logged."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

from contracts.names import SECRET_SCORING_KEY, SECRET_TLS_CERTIFICATE, SECRET_TLS_PRIVATE_KEY
from images.scoring.errors import StartError
from images.scoring.http.key import Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    key: Key | None
    tls: ssl.SSLContext | None


def load_secrets(folder: Path) -> Secrets:
    """Raises StartError, also for a certificate without a key: such a service would answer anybody."""
    key = _key(folder / SECRET_SCORING_KEY)
    tls = _tls(folder / SECRET_TLS_CERTIFICATE, folder / SECRET_TLS_PRIVATE_KEY)
    if tls is not None and key is None:
        raise StartError(
            f"{folder} has {SECRET_TLS_CERTIFICATE} but not {SECRET_SCORING_KEY}: a public service needs its key"
        )
    return Secrets(key=key, tls=tls)


def _key(file: Path) -> Key | None:
    if not file.is_file():
        return None
    if not (key := file.read_bytes().strip()):
        raise StartError(f"{file} is empty, must hold the key of the service")
    return Key(key)


def _tls(certificate: Path, private_key: Path) -> ssl.SSLContext | None:
    if not certificate.is_file() and not private_key.is_file():
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, private_key)
    except (OSError, ssl.SSLError) as error:
        raise StartError(f"cannot serve HTTPS with {certificate} and {private_key}: {error}") from error
    return context
