"""Event Hubs' refusals, in the words and conditions that its clients look for.

https://learn.microsoft.com/azure/event-hubs/event-hubs-messaging-exceptions
"""

from __future__ import annotations

from standin.iothub.amqp.errors import NOT_FOUND, UNAUTHORIZED, AmqpError

OUT_OF_RANGE = "com.microsoft:argument-out-of-range"


def not_found(name: str) -> AmqpError:
    return AmqpError(NOT_FOUND, f"The messaging entity '{name}' could not be found.")


def unauthorized(path: str) -> AmqpError:
    text = f"Unauthorized access. 'Listen' claim(s) are required to perform this operation. Resource: '{path}'."
    return AmqpError(UNAUTHORIZED, text)


def no_such_partition(count: int) -> AmqpError:
    text = (
        "The specified partition is invalid for an EventHub partition sender or receiver. "
        f"It should be between 0 and {count - 1}.\nParameter name: PartitionId"
    )
    return AmqpError(OUT_OF_RANGE, text)
