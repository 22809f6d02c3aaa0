"""HTTPS to a place whose certificate a CA of the stack's own has signed, and whose name DNS may not know yet."""

from __future__ import annotations

import http.client
import socket
import ssl

from cloud.own_ca.loopback import is_loopback


class Connection(http.client.HTTPConnection):
    """Connects to the address that is known, and checks the certificate for the name all the same."""

    def __init__(
        self, host: str, port: int, *, address: str | None, tls: bool, ca_pem: str | None, timeout: float
    ) -> None:
        """`ca_pem` None: the CAs that this machine trusts. `timeout` in seconds."""
        super().__init__(host, port, timeout=timeout)
        self._address = address
        self._tls = tls
        self._ca_pem = ca_pem

    def connect(self) -> None:
        self.sock = socket.create_connection((self._target(), self.port), self.timeout)
        if self._tls:
            context = ssl.create_default_context(cadata=self._ca_pem)
            self.sock = context.wrap_socket(self.sock, server_hostname=self.host)

    def _target(self) -> str:
        """A loopback address is the stand-in's, whatever DNS says of the name; else the name is asked first."""
        if not self._address or is_loopback(self._address):
            return self._address or self.host
        try:
            socket.getaddrinfo(self.host, self.port)
        except OSError:
            return self._address
        return self.host
