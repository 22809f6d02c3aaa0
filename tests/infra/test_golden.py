"""What `dev` and `prod` would get, as committed lists: a change of the program shows here as a diff to review."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dryrun import Plan
from tests.infra.golden import FOLDER, GOLDEN_STACKS, render


@pytest.mark.parametrize("stack", GOLDEN_STACKS)
def test_the_preview_is_the_committed_one(planned: Callable[[str, str], Plan], stack: str) -> None:
    committed = (FOLDER / f"{stack}.txt").read_text(encoding="utf-8")

    assert render(planned(stack, "preview")) == committed, "python -m tests.infra.golden writes the lists anew"
