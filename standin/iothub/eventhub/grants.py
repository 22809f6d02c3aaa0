"""What a client may read: it puts tokens on its connection, and each grants something until it expires.

https://docs.oasis-open.org/amqp/amqp-cbs/v1.0/amqp-cbs-v1.0.html
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from standin.iothub.amqp.errors import NOT_IMPLEMENTED, UNAUTHORIZED, AmqpError
from standin.iothub.amqp.messages import Message
from standin.iothub.eventhub.addresses import scope_of
from standin.iothub.kernel.tokens import TokenError, parse_token

Keys = Callable[[str], list[str]]
"""Policy -> its keys where it may read (ServiceConnect), else none."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a put token allows: everything below `path`, until `expiry` (seconds since 1970)."""

    path: str
    expiry: int

    @property
    def valid(self) -> bool:
        return self.expiry > time.time()

    def allows(self, path: str) -> bool:
        return self.valid and (path + "/").lower().startswith(self.path)


def put_token(message: Message, keys: Keys) -> Grant:
    """The grant that a request to `$cbs` asks for; raises AmqpError."""
    if message.application.get("operation") != "put-token":
        raise AmqpError(NOT_IMPLEMENTED, f"operation {message.application.get('operation')!r}")
    try:
        token = parse_token(message.value if isinstance(message.value, str) else "")
        good = keys(token.policy or "")
        if not good:
            raise TokenError("InvalidSignature: The token's policy is unknown or may not read.")
        token.check(good)
    except TokenError as error:
        raise AmqpError(UNAUTHORIZED, str(error)) from error
    return Grant(scope_of(token.resource), token.expiry)
