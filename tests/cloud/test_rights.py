"""Actions of roles, which may have wildcards: two readings of them, the program's and the stand-in's."""

from __future__ import annotations

import fnmatch
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.access.rights import covers
from standin.core.rbac.permissions import matches

READINGS = pytest.mark.parametrize("read", [covers, matches])


@READINGS
@given(pattern=st.text("ab/*", max_size=8), action=st.text("ab/", max_size=10))
def test_a_wildcard_is_any_text(read: Callable[[str, str], bool], pattern: str, action: str) -> None:
    assert read(pattern, action) == fnmatch.fnmatchcase(action, pattern)
    assert read(pattern.upper(), action) == read(pattern, action)


@READINGS
def test_many_wildcards_take_no_time(read: Callable[[str, str], bool]) -> None:
    began = time.monotonic()
    assert not read("*a" * 60 + "b", "a" * 200)
    assert time.monotonic() - began < 5
