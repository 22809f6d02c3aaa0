from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.manifest import chunked, joined
from edge.manifest.create_options import MAX_VALUE_BYTES, CreateOptionsError, split_utf8

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=20), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(max_size=10), _JSON, max_size=5))
def test_what_is_chunked_is_read_back_the_same(options: dict[str, Any]) -> None:
    settings = chunked(options)
    assert joined(settings) == options
    assert all(len(piece.encode()) <= MAX_VALUE_BYTES for piece in settings.values())


@given(st.text(max_size=200), st.integers(4, 50))
def test_pieces_are_cut_between_characters(text: str, limit: int) -> None:
    pieces = split_utf8(text, limit)
    assert "".join(pieces) == text
    assert all(len(piece.encode()) <= limit for piece in pieces)


def test_long_options_go_on_in_numbered_keys() -> None:
    settings = chunked({"Env": ["é" * 3000, "x" * 3000]})
    assert list(settings) == ["createOptions", "createOptions01", "createOptions02"]


def test_more_than_a_hundred_chunks_are_refused() -> None:
    with pytest.raises(CreateOptionsError, match="100 are allowed"):
        chunked({"Env": ["x" * MAX_VALUE_BYTES * 101]})


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"createOptions": "{", "createOptions02": "}"}, "expected createOptions01, found createOptions02"),
        ({"createOptions": "{"}, "is not JSON"),
        ({"createOptions": "[" * 100_000}, "is not JSON"),
        ({"createOptions": "[]"}, "is list; a JSON object is wanted"),
    ],
)
def test_chunks_that_make_no_object_are_refused(settings: dict[str, str], reason: str) -> None:
    with pytest.raises(CreateOptionsError, match=reason):
        joined(settings)
