from __future__ import annotations

import pytest
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st

from pluginbase.values import ARCHIVE, SIGNATURE, UNKNOWN, UNKNOWN_STRING, Asset, dump, has_unknown, load

scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=5)
values = st.recursive(
    scalars | st.just(UNKNOWN),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=5), values, max_size=4))
def test_every_value_survives_the_wire(properties: dict[str, object]) -> None:
    assert load(dump(properties))[0] == properties


def test_a_nested_secret_keeps_its_place() -> None:
    secrets = {("containers", 0, "secureValue")}

    wire = dump({"containers": [{"secureValue": "k", "name": "n"}]}, secrets)

    inner = wire.fields["containers"].list_value.values[0].struct_value.fields
    assert (
        inner["secureValue"].struct_value.fields[SIGNATURE].string_value.startswith("1b47061264138c4ac30d75fd1eb44270")
    )
    assert load(wire) == ({"containers": [{"secureValue": "k", "name": "n"}]}, secrets)


def test_an_unknown_of_any_type_is_unknown() -> None:
    for mark in (UNKNOWN_STRING, "3eeb2bf0-c639-47a8-9e75-3b44932eb421"):
        loaded, _ = load(struct_pb2.Struct(fields={"a": struct_pb2.Value(string_value=mark)}))
        assert loaded["a"] is UNKNOWN


def test_an_unknown_is_no_condition() -> None:
    with pytest.raises(TypeError, match="has_unknown"):
        bool(UNKNOWN)
    assert has_unknown({"a": [{"b": UNKNOWN}]})
    assert not has_unknown({"a": [{"b": None}]})


def test_an_archive_passes_unchanged_and_is_compared_by_content() -> None:
    fields = {SIGNATURE: ARCHIVE, "hash": "abc", "path": "./context"}
    wire = struct_pb2.Struct()
    wire.update({"context": fields})

    loaded, _ = load(wire)

    assert dump(loaded) == wire
    assert loaded["context"] == Asset(True, {"hash": "abc", "path": "elsewhere"})
    assert loaded["context"] != Asset(True, {"hash": "abd", "path": "./context"})
    assert loaded["context"].path == "./context"


def test_a_value_that_is_no_property_is_refused_with_its_place() -> None:
    with pytest.raises(TypeError, match=r"a\.0: a object is no property value"):
        dump({"a": [object()]})
