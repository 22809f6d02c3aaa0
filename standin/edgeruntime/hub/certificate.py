"""The certificate that the hub shows to modules, by whatever protocol."""

from __future__ import annotations

import ssl
from pathlib import Path


class ServerCertificate:
    """Read again when its file changes; connections that stand keep what they have."""

    def __init__(self, certificate: Path, private_key: Path) -> None:
        self._certificate = certificate
        self._private_key = private_key
        self._loaded = 0
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2

    def refresh(self) -> None:
        """Before the first connection, and from time to time."""
        changed = self._certificate.stat().st_mtime_ns
        if changed != self._loaded:
            self.context.load_cert_chain(self._certificate, self._private_key)
            self._loaded = changed
