"""AMQP values: what is written can be read, known bytes are known values, hostile bytes are refused."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from azure.eventhub._pyamqp._decode import decode_payload
from azure.eventhub._pyamqp._encode import encode_payload
from azure.eventhub._pyamqp.message import Message as ClientMessage
from azure.eventhub._pyamqp.message import Properties
from hypothesis import given
from hypothesis import strategies as st

from standin.iothub.amqp import performatives
from standin.iothub.amqp.decode import decode
from standin.iothub.amqp.encode import encode
from standin.iothub.amqp.messages import Message, decode_message, delivery_annotations, encode_message
from standin.iothub.amqp.types import (
    Array,
    DecodeError,
    Described,
    Int,
    Symbol,
    Timestamp,
    UByte,
    UInt,
    ULong,
    UShort,
)


@pytest.mark.parametrize(
    ("value", "data"),
    [
        # from section 1.6 of the specification
        (None, "40"),
        (True, "41"),
        (False, "42"),
        (UByte(7), "50 07"),
        (UShort(1), "60 0001"),
        (UInt(0), "43"),
        (UInt(255), "52 ff"),
        (UInt(256), "70 00000100"),
        (ULong(0), "44"),
        (ULong(16), "53 10"),
        (ULong(1 << 40), "80 0000010000000000"),
        (Int(-1), "54 ff"),
        (Int(200), "71 000000c8"),
        (-1, "55 ff"),
        (1 << 40, "81 0000010000000000"),
        (1.5, "82 3ff8000000000000"),
        (Timestamp(1), "83 0000000000000001"),
        (UUID(int=1), "98 00000000000000000000000000000001"),
        (b"ab", "a0 02 6162"),
        ("ab", "a1 02 6162"),
        (Symbol("ab"), "a3 02 6162"),
        ([], "45"),
        ([True], "c0 02 01 41"),
        ({Symbol("a"): True}, "c1 05 02 a3 01 61 41"),
        (Described(0x24, []), "00 53 24 45"),
        (Array(("a",)), "f0 0000000a 00000001 b1 00000001 61"),
    ],
)
def test_values_have_the_specifications_bytes(value: Any, data: str) -> None:
    expected = bytes.fromhex(data)
    assert encode(value) == expected
    back, end = decode(expected)
    assert back == (list(value.items) if isinstance(value, Array) else value)
    assert end == len(expected)


_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.integers(0, 2**32 - 1).map(UInt)
    | st.integers(0, 2**64 - 1).map(ULong)
    | st.integers(0, 2**16 - 1).map(UShort)
    | st.integers(-(2**31), 2**31 - 1).map(Int)
    | st.floats(allow_nan=False)
    | st.binary(max_size=300)
    | st.text(max_size=300)
    | st.text(st.characters(max_codepoint=127), max_size=300).map(Symbol)
    | st.uuids()
)
_TREES = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=5),
    max_leaves=40,
)


@given(_TREES)
def test_what_is_written_is_read_back(value: Any) -> None:
    data = encode(value)
    assert decode(data) == (value, len(data))


@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    try:
        decode_message(data)
    except DecodeError:
        return


@given(_TREES, st.data())
def test_cut_and_changed_values_are_refused_or_read(value: Any, data: st.DataObject) -> None:
    encoded = bytearray(encode(value))
    place = data.draw(st.integers(0, len(encoded) - 1))
    encoded[place] ^= data.draw(st.integers(1, 255))
    for hostile in (bytes(encoded), bytes(encoded[:place])):
        try:
            decode(hostile)
        except DecodeError:
            continue


@pytest.mark.parametrize(
    "data",
    [
        "",
        "a1 05 6162",
        "d0 000000ff 00000001 41",
        "f0 00000005 ffffffff 41",
        "c1 02 01 41",
        "00 41 40",
        "1f",
        "a1 01 ff",
    ],
)
def test_broken_encodings_are_refused(data: str) -> None:
    with pytest.raises(DecodeError):
        decode(bytes.fromhex(data))


def test_values_nested_beyond_reason_are_refused() -> None:
    value: Any = []
    for _ in range(60):
        value = [value]
    with pytest.raises(DecodeError, match="nested too deeply"):
        decode(encode(value))


@pytest.mark.parametrize(
    ("performative", "fields"),
    [
        (performatives.open_(container="c", max_frame=65536, channel_max=255, idle_ms=1000), 10),
        (performatives.begin(remote_channel=0, incoming_window=1, outgoing_window=1), 8),
        (
            performatives.attach(
                name="n",
                handle=0,
                receiver=False,
                send_settle=0,
                receive_settle=0,
                source=None,
                target=None,
                max_message=1,
                desired=(),
                properties=None,
            ),
            14,
        ),
        (performatives.flow(next_incoming=0, incoming_window=1, next_outgoing=0, outgoing_window=1), 11),
        (performatives.transfer(handle=0, delivery=0, settled=True, more=False), 11),
        (performatives.accepted(0), 6),
        (performatives.detach(0, closed=True), 3),
        (performatives.end(), 1),
        (performatives.close(), 1),
        (performatives.error("amqp:not-found", "x").value, 3),
    ],
)
def test_every_field_is_written_because_azure_eventhub_indexes_them(performative: Any, fields: int) -> None:
    values = performative if isinstance(performative, list) else decode(performative)[0].value
    assert len(values) == fields


def test_the_client_reads_our_messages() -> None:
    ours = Message(
        annotations={"x-opt-sequence-number": 7},
        properties={"message-id": "m1", "content-type": "application/json", "correlation-id": "c"},
        application={"model": "abc"},
        data=b'{"a":1}',
    )
    theirs = decode_payload(memoryview(delivery_annotations({"n": 1}) + encode_message(ours)))
    assert theirs.data == [b'{"a":1}']
    assert theirs.message_annotations == {b"x-opt-sequence-number": 7}
    assert theirs.application_properties == {b"model": b"abc"}
    assert theirs.properties is not None
    assert theirs.properties.message_id == b"m1"
    assert theirs.properties.content_type == b"application/json"


def test_we_read_the_clients_messages() -> None:
    theirs = ClientMessage(
        value="token",
        properties=Properties(message_id=UUID(int=5), reply_to="me"),
        application_properties={"operation": "put-token"},
    )
    ours = decode_message(bytes(encode_payload(bytearray(), theirs)))
    assert ours.value == "token"
    assert ours.properties == {"message-id": UUID(int=5), "reply-to": "me"}
    assert ours.application == {"operation": "put-token"}
