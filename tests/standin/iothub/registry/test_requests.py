"""Ids that would be another path than they say."""

from __future__ import annotations

import pytest

from standin.iothub.kernel.errors import BadRequest
from standin.iothub.registry.requests import check_id


@pytest.mark.parametrize("id", [".", "..", "", "a/b", "a\\b", "ä", "a b", "a\n", "..\n", "x" * 129, "%00\x00"])
def test_an_id_that_would_be_another_path_is_refused(id: str) -> None:
    with pytest.raises(BadRequest, match="is not valid"):
        check_id("moduleId", id)


@pytest.mark.parametrize("id", ["...", ".a", "a.", "a..b", "%2e%2e", "edge-01", "x" * 128])
def test_what_only_looks_like_one_is_taken(id: str) -> None:
    check_id("moduleId", id)
