"""The stand-in's own certificate authority: one CA per state folder, one certificate per TLS server name.

A wildcard covers one label only and Azure's names have up to four, so each name gets a certificate when it is first
asked for. The CA outlives restarts, because clients were given its file.
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from pathlib import Path

import trustme

_MAX_CONTEXTS = 512


class Authority:
    def __init__(self, folder: Path) -> None:
        self.ca_pem = folder / "ca.pem"
        key_file = folder / "ca.key"
        if self.ca_pem.exists() and key_file.exists():
            self._ca = trustme.CA.from_pem(self.ca_pem.read_bytes(), key_file.read_bytes())
        else:
            self._ca = trustme.CA(organization_name="edgeway stand-in")
            key_file.touch(mode=0o600)
            key_file.write_bytes(self._ca.private_key_pem.bytes())
            self.ca_pem.write_bytes(self._ca.cert_pem.bytes())
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._given: dict[str, ssl.SSLContext] = {}

    def present(self, host: str, context: ssl.SSLContext) -> None:
        """From now on the host answers with a certificate that somebody brought."""
        self._given[host] = context

    def withdraw(self, host: str) -> None:
        self._given.pop(host, None)

    def context_for(self, host: str) -> ssl.SSLContext:
        """A server's TLS context for one SNI name; made once and kept while the process lives."""
        context = self._given.get(host) or self._contexts.get(host)
        if context is None:
            if len(self._contexts) >= _MAX_CONTEXTS:
                self._contexts.clear()
            context = self._contexts[host] = self.new_context([host])
        return context

    def new_context(self, names: Sequence[str]) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._ca.issue_cert(*names).configure_cert(context)
        return context

    def issue(self, names: Sequence[str]) -> tuple[bytes, bytes]:
        """(certificate chain, private key) in PEM for a server outside this process."""
        leaf = self._ca.issue_cert(*names, common_name=names[0])
        return b"".join(part.bytes() for part in leaf.cert_chain_pems), leaf.private_key_pem.bytes()
