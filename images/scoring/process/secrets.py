"""The key and the certificate, read from a secret volume: never from the environment, never logged."""

from __future__ import annotations

import os
import ssl
import stat
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
    if (content := _read(file)) is None:
        return None
    if not (key := content.strip()):
        raise StartError(f"{file} is empty, must hold the key of the service")
    return Key(key)


def _tls(certificate: Path, private_key: Path) -> ssl.SSLContext | None:
    if [_read(certificate), _read(private_key)] == [None, None]:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, private_key)
    except (OSError, ssl.SSLError) as error:
        raise StartError(f"cannot serve HTTPS with {certificate} and {private_key}: {error}") from error
    return context


def _read(file: Path) -> bytes | None:
    """None where there is no such file. Raises StartError where it is of no use, with what decides on that."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StartError(f"cannot read {file} ({error.strerror}): {_access_to(file)}") from error


def _access_to(file: Path) -> str:
    """Whose it is and as whom it was tried; where the file cannot be looked at, of the folder that is the reason."""
    own = f"this process runs as uid {os.geteuid()}, gid {os.getegid()}"
    for path in (file, *file.parents):
        try:
            status = path.stat()
        except OSError:
            continue
        mode = stat.S_IMODE(status.st_mode)
        return f"{path} belongs to uid {status.st_uid}, gid {status.st_gid} and has the mode {mode:04o}; {own}"
    return own
