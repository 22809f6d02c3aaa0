"""Addresses of this machine at which the TLS server answers too, at Azure's own port: a load balancer's, say.

What connects there goes on to the TLS server as it is, so that the name that it asks for chooses the certificate.
"""

from __future__ import annotations

import asyncio
import logging

from standin.core.serving.listeners import bind
from standin.core.serving.proxy import join
from standin.core.serving.tasks import Tasks

log = logging.getLogger("standin.fronts")

HTTPS = 443


class Fronts:
    def __init__(self, tls_port: int) -> None:
        self._tls_port = tls_port
        self._servers: dict[str, asyncio.Server] = {}
        self._connections = Tasks()

    async def open(self, address: str) -> None:
        """Once, however often it is called. Raises OSError (no right to the port) and PortTaken."""
        if address not in self._servers:
            listener = bind(address, HTTPS, "a load balancer of the stand-in")
            self._servers[address] = await asyncio.start_server(self._accept, sock=listener)

    async def close(self, address: str) -> None:
        server = self._servers.pop(address, None)
        if server is not None:
            server.close()

    async def stop(self) -> None:
        for address in list(self._servers):
            await self.close(address)
        await self._connections.end()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A plain function, so that the task is ours to cancel without asyncio's complaint."""
        self._connections.begin(self._connection(reader, writer))

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._tls_port)
            try:
                await join(reader, writer, far_reader, far_writer)
            finally:
                far_writer.close()
        except OSError as problem:
            log.debug("a connection ended: %r", problem)
        finally:
            writer.close()
