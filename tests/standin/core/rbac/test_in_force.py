"""A role is in force once it has propagated, and stays so when this machine's clock is set back or forward."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from standin.core.auth import Roles
from standin.core.clock import Clock
from standin.core.profile import SLOW
from standin.core.store import Store

LAG = SLOW.role_propagation_s
NOW = datetime(2026, 11, 29, 3, tzinfo=UTC)


class SetClock(Clock):
    at = NOW

    def now(self) -> datetime:
        return self.at


@pytest.mark.parametrize(
    ("jump_s", "in_force"), [(0, False), (LAG, True), (30 * 86_400, True), (-1, True), (-3600, True), (-86_400, True)]
)
def test_a_clock_that_jumps_takes_no_role_away(tmp_path: Path, jump_s: float, in_force: bool) -> None:
    clock, store = SetClock(), Store(tmp_path / "db")
    roles = Roles(store, clock, SLOW)
    assignment = {"createdOn": NOW.isoformat(), "roleDefinitionId": "/r/0"}
    clock.at = NOW + timedelta(seconds=jump_s)

    assert roles.in_force(assignment) is in_force
    store.close()
