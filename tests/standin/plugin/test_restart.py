"""Azure that is away for a while, as the stand-in is when it is killed and started again."""

from __future__ import annotations

import threading
import time

import pytest

from pluginbase.resource import Cancelled, ProviderError
from standin.plugin.arm import RETRIES, Arm
from tests.standin.plugin.conftest import TinyAccount
from tests.standin.plugin.lifecycle import HUB_ID, create
from tests.standin.plugin.tiny_arm import TinyArm
from tests.waiting import DEADLINE_S


def test_an_operation_outlives_a_restart(account: TinyAccount, azure: TinyArm) -> None:
    azure.stop()
    back = threading.Timer(0.2, azure.restart)
    back.start()

    assert create(account)[0] == HUB_ID
    back.join()


def test_the_waits_between_retries_last_longer_than_a_restart_of_30_seconds() -> None:
    waits = [
        min(RETRIES["retry_backoff_factor"] * 2**attempt, RETRIES["retry_backoff_max"])
        for attempt in range(int(RETRIES["retry_connect"]))
    ]

    assert 45 < sum(waits) < 90


def test_an_azure_that_stays_away_is_told(azure: TinyArm) -> None:
    azure.stop()
    arm = Arm(None, endpoint=azure.endpoint, retry_total=1, retry_backoff_factor=0.01)

    with pytest.raises(ProviderError, match="GET /x: no answer from Azure: "):
        arm.get("/x", "1")
    arm.close()
    azure.restart()


def test_ctrl_c_ends_the_wait_for_an_azure_that_is_away(azure: TinyArm) -> None:
    cancelled = threading.Event()
    azure.stop()
    arm = Arm(None, endpoint=azure.endpoint, cancelled=cancelled, retry_backoff_factor=600, retry_backoff_max=600)
    threading.Timer(0.2, cancelled.set).start()
    started = time.monotonic()

    with pytest.raises(Cancelled):
        arm.get("/x", "1")
    assert time.monotonic() - started < DEADLINE_S
    arm.close()
    azure.restart()
