"""Where a reader starts: the filter expression that Event Hubs' clients attach with.

https://learn.microsoft.com/azure/event-hubs/event-hubs-features#event-consumers
"""

from __future__ import annotations

import re

from standin.iothub.events.log import OFFSET_STEP, EventLog

# `x-opt-enqueuedtimeutc` without quotes is what az iot hub monitor-events sends
_SELECTOR = re.compile(
    r"amqp\.annotation\.x-opt-(offset|sequence-number|enqueued-?time(?:-?utc)?)\s*(>=|>)\s*'?(-?[0-9]{1,19}|@latest)'?"
)


class SelectorError(Exception):
    """Not a filter that this endpoint understands."""


def start(log: EventLog, partition: int, selector: str | None) -> int:
    """-> the sequence number of the first message to send."""
    state = log.state(partition)
    if not selector:
        return state.first_sequence
    match = _SELECTOR.fullmatch(selector.strip())
    if match is None:
        raise SelectorError(f"The filter {selector!r} is not supported")
    name, operator, text = match.groups()
    inclusive = operator == ">="
    if text == "@latest":
        return state.last_sequence + 1
    number = int(text)
    if name == "offset":
        return _after_offset(number, inclusive)
    if name == "sequence-number":
        return max(0, number if inclusive else number + 1)
    return log.after_time(partition, number, inclusive=inclusive)


def _after_offset(offset: int, inclusive: bool) -> int:
    if offset < 0:
        return 0
    sequence, inside = divmod(offset, OFFSET_STEP)
    return sequence if inclusive and not inside else sequence + 1
