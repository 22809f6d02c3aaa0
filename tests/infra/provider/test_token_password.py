"""How a password's rotation may go on."""

from __future__ import annotations

import pytest

from infra.provider.types.token_password import TokenPassword
from tests.infra.provider.recorder import Recorder, checked
from tests.infra.provider.test_arm_types import PASSWORD


@pytest.mark.parametrize(("was", "wanted", "is_refused"), [(0, 1, False), (1, 2, False), (1, 0, False), (0, 2, True)])
def test_two_steps_of_a_rotation_at_once_are_refused(was: int, wanted: int, is_refused: bool) -> None:
    olds = checked(TokenPassword(), {**PASSWORD, "rotation": was})
    news = {**PASSWORD, "rotation": wanted}
    failures = TokenPassword().check(Recorder(), olds, news)[1]
    told = "2 after 0 ends the password that devices pull with; 1 is next"
    assert [failure.reason for failure in failures] == ([told] if is_refused else [])
    assert TokenPassword().check(Recorder(), olds, {**news, "tokenId": "another"})[1] == []
