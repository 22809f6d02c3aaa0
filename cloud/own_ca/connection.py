"""HTTPS to a place whose certificate a CA of the stack's own has signed, and whose name DNS may not know yet; or to one
that everybody trusts, through the proxy that the environment names (HTTPS_PROXY, NO_PROXY).
"""

from __future__ import annotations

import http.client
import os
import socket
import ssl
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from cloud.own_ca.loopback import is_loopback


class Connection(http.client.HTTPConnection):
    """Connects to the address that is known, and checks the certificate for the name all the same."""

    def __init__(
        self, host: str, port: int, *, address: str | None, tls: bool, ca_pem: str | None, timeout: float
    ) -> None:
        """`ca_pem` None: the CAs that this machine trusts. `timeout` in seconds."""
        proxy = urlsplit(_proxy(host) if tls and ca_pem is None and not address else "")
        super().__init__(proxy.hostname or host, proxy.port or port, timeout=timeout)
        if proxy.hostname:
            self.set_tunnel(host, port)
        self._name = host
        self._is_proxied = bool(proxy.hostname)
        self._address = address
        self._tls = tls
        self._ca_pem = ca_pem

    def connect(self) -> None:
        if self._is_proxied:
            super().connect()
        else:
            self.sock = socket.create_connection((self._target(), self.port), self.timeout)
            # a body follows its head at once, not after the other side's word for the head
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._tls:
            # what Python and azure-core are told to trust; None is what this machine does
            trusted = os.environ.get("REQUESTS_CA_BUNDLE") if self._ca_pem is None else None
            context = ssl.create_default_context(cadata=self._ca_pem, cafile=trusted)
            self.sock = context.wrap_socket(self.sock, server_hostname=self._name)

    def _target(self) -> str:
        """A loopback address is the stand-in's, whatever DNS says of the name; else the name is asked first."""
        if not self._address or is_loopback(self._address):
            return self._address or self.host
        try:
            socket.getaddrinfo(self.host, self.port)
        except OSError:
            return self._address
        return self.host


def _proxy(host: str) -> str:
    return "" if is_loopback(host) or proxy_bypass(host) else getproxies().get("https", "")
