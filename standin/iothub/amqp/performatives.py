"""The frame bodies of AMQP 1.0's transport and security layers.

**Every field is written, nulls included.** AMQP lets a sender leave out trailing nulls, and azure-eventhub up to and
including 5.15.1 dies on it (`EventHubError: list index out of range`): it unpacks positionally, as the real service
always sends all fields. https://github.com/Azure/azure-sdk-for-python/pull/47660

https://docs.oasis-open.org/amqp/core/v1.0/os/amqp-core-transport-v1.0-os.html#section-performatives
"""

from __future__ import annotations

from typing import Any

from standin.iothub.amqp.encode import described
from standin.iothub.amqp.types import Array, Described, Symbol, UByte, UInt, ULong, UShort

OPEN, BEGIN, ATTACH, FLOW, TRANSFER = 0x10, 0x11, 0x12, 0x13, 0x14
DISPOSITION, DETACH, END, CLOSE, ERROR = 0x15, 0x16, 0x17, 0x18, 0x1D
ACCEPTED = 0x24
SASL_MECHANISMS, SASL_INIT, SASL_OUTCOME = 0x40, 0x41, 0x44


def open_(*, container: str, max_frame: int, channel_max: int, idle_ms: int) -> bytes:
    # max-frame-size must be a number: azure-eventhub compares it with 512 without looking
    return described(
        OPEN, container, None, UInt(max_frame), UShort(channel_max), UInt(idle_ms), None, None, None, None, None
    )


HANDLE_MAX = 255


def begin(*, remote_channel: int, incoming_window: int, outgoing_window: int) -> bytes:
    windows = (UInt(incoming_window), UInt(outgoing_window))
    return described(BEGIN, UShort(remote_channel), UInt(0), *windows, UInt(HANDLE_MAX), None, None, None)


def attach(
    *,
    name: str,
    handle: int,
    receiver: bool,
    send_settle: int,
    receive_settle: int,
    source: Any,
    target: Any,
    max_message: int,
    desired: tuple[Symbol, ...],
    properties: Any,
) -> bytes:
    """`receiver`: whether we receive on the link. `desired`: capabilities that we grant, echoed as desired."""
    return described(
        ATTACH,
        name,
        UInt(handle),
        receiver,
        UByte(send_settle),
        UByte(receive_settle),
        source,
        target,
        None,
        None,
        None if receiver else UInt(0),
        ULong(max_message),
        None,
        Array(desired) if desired else None,
        properties,
    )


def flow(
    *,
    next_incoming: int,
    incoming_window: int,
    next_outgoing: int,
    outgoing_window: int,
    handle: int | None = None,
    delivery_count: int = 0,
    credit: int = 0,
    drain: bool = False,
) -> bytes:
    session = (UInt(next_incoming), UInt(incoming_window), UInt(next_outgoing), UInt(outgoing_window))
    if handle is None:
        return described(FLOW, *session, None, None, None, None, None, None, None)
    link = (UInt(handle), UInt(delivery_count), UInt(credit))
    return described(FLOW, *session, *link, None, drain, None, None)


def transfer(*, handle: int, delivery: int, settled: bool, more: bool) -> bytes:
    tag = delivery.to_bytes(4, "big")
    return described(TRANSFER, UInt(handle), UInt(delivery), tag, UInt(0), settled, more, None, None, None, None, None)


def accepted(delivery: int) -> bytes:
    state = Described(ACCEPTED, [])
    return described(DISPOSITION, True, UInt(delivery), UInt(delivery), True, state, None)


def detach(handle: int, *, closed: bool, problem: Described | None = None) -> bytes:
    return described(DETACH, UInt(handle), closed, problem)


def end(problem: Described | None = None) -> bytes:
    return described(END, problem)


def close(problem: Described | None = None) -> bytes:
    return described(CLOSE, problem)


def error(condition: str, text: str) -> Described:
    return Described(ERROR, [Symbol(condition), text, None])


def sasl_mechanisms(*names: str) -> bytes:
    return described(SASL_MECHANISMS, Array(tuple(Symbol(name) for name in names)))


def sasl_outcome(code: int) -> bytes:
    return described(SASL_OUTCOME, UByte(code), None)
