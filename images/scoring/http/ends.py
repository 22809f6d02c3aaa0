"""Who is at the two ends of a connection, for scripts that ask."""

from __future__ import annotations

import asyncio

from images.scoring.request import Ends


def ends_of(transport: asyncio.Transport, *, tls: bool) -> Ends:
    client, server = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
    if not client or not server:
        return Ends(tls=tls)  # it is gone already, or no socket of the internet
    return Ends(str(client[0]), int(client[1]), str(server[0]), int(server[1]), tls)
