"""What ends a link or answers a request, with AMQP's or Event Hubs' own condition.

https://learn.microsoft.com/azure/event-hubs/event-hubs-messaging-exceptions
"""

from __future__ import annotations

UNAUTHORIZED = "amqp:unauthorized-access"
NOT_FOUND = "amqp:not-found"
NOT_IMPLEMENTED = "amqp:not-implemented"
INVALID_FIELD = "amqp:invalid-field"
OUT_OF_RANGE = "com.microsoft:argument-out-of-range"
STOLEN = "amqp:link:stolen"
RESOURCE_LIMIT = "amqp:resource-limit-exceeded"
DECODE_ERROR = "amqp:decode-error"
FRAMING_ERROR = "amqp:connection:framing-error"
FORCED = "amqp:connection:forced"


class AmqpError(Exception):
    def __init__(self, condition: str, text: str) -> None:
        super().__init__(text)
        self.condition = condition
        self.text = text
