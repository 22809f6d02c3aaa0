"""Bodies of computes and assets that somebody spoiled: each is refused or taken, and nothing raises. No server."""

from __future__ import annotations

import logging
import random

import pytest

from tests.standin.asking import Answering, of_arm
from tests.standin.machinelearning.online.asking import WORKSPACE
from tests.standin.malformed.odd_requests import VALID, spoiled

_EACH = 100
_BELOW = {
    "computes": "computes/cpu",
    "environments": "environments/e/versions/1",
    "data": "data/d/versions/1",
    "codes": "codes/c/versions/1",
    "startPendingUpload": "codes/c/versions/1/startPendingUpload",
    "onlineEndpoints": "onlineEndpoints/ep-1",
    "onlineEndpoints/ep-1/deployments": "onlineEndpoints/x/deployments/blue",
    "regenerateKeys": "onlineEndpoints/ep-1/regenerateKeys",
    "getLogs": "onlineEndpoints/x/deployments/x/getLogs",
}
_ACTIONS = ("startPendingUpload", "regenerateKeys", "getLogs")


@pytest.mark.parametrize("what", _BELOW)
async def test_a_spoiled_body_is_refused_or_taken(
    answering: Answering, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(1)
    path, method = f"{WORKSPACE}/{_BELOW[what]}", "POST" if what in _ACTIONS else "PUT"
    answered = {
        (await answering.send(of_arm(method, path), body=spoiled(chance, VALID[what])))[0] for _ in range(_EACH)
    }
    assert 400 in answered
    assert 500 not in answered
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
