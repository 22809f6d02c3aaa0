"""When a server asks its clients to leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import pytest

from images.scoring.service.readiness import Readiness

SERVICE = cast("Any", object())
CHANGES: Mapping[str, Callable[[Readiness], None]] = {
    "succeeds": lambda readiness: readiness.succeed(SERVICE),
    "fails": lambda readiness: readiness.fail("no model"),
    "drains": Readiness.drain,
}


@pytest.mark.parametrize(
    ("changes", "ends"),
    [
        ([], True),
        (["succeeds"], False),
        (["fails"], False),
        (["succeeds", "drains"], True),
        (["drains", "succeeds"], True),
        (["drains", "fails"], True),
    ],
)
def test_connections_end_while_the_model_loads_and_while_the_process_stops(changes: Sequence[str], ends: bool) -> None:
    readiness = Readiness()
    for change in changes:
        CHANGES[change](readiness)
    assert readiness.ends_connections is ends
