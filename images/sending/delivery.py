"""A message until the hub has it."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from images.edge_hub.messages import ClientFailed, Outbound

RETRY_SECONDS = 0.5


class Sending(Protocol):
    async def send(self, message: Outbound) -> None: ...


async def deliver(
    client: Sending, message: Outbound, number: int, *, log: logging.Logger, retry_seconds: float
) -> None:
    """Tries until the hub confirms; raises MessageRefused for what it will never take."""
    while True:
        try:
            return await client.send(message)
        except ClientFailed as error:
            log.warning("message %d not sent, trying again: %s", number, error)
            await asyncio.sleep(retry_seconds)
