"""The plugin's resources against the tiny ARM, without an engine."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import pytest

from pluginbase.resource import OperationContext
from standin.plugin.account import Account
from standin.plugin.arm import Arm
from standin.plugin.kinds import BY_TOKEN
from standin.plugin.resource import AzureResource
from tests.standin.plugin.sample_ids import SUBSCRIPTION
from tests.standin.plugin.tiny_arm import TinyArm, tiny_arm


class TinyAccount(Account):
    """Reaches the tiny ARM, unauthenticated, for every plane."""

    def __init__(self, arm: TinyArm) -> None:
        super().__init__({"ARM_SUBSCRIPTION_ID": SUBSCRIPTION})
        self.cancelled = Event()
        self.tiny = Arm(None, endpoint=arm.endpoint, cancelled=self.cancelled, retry_backoff_factor=0.01)

    def arm(self) -> Arm:
        return self.tiny

    def vault(self, name: str) -> Arm:
        return self.tiny


@pytest.fixture
def azure() -> Iterator[TinyArm]:
    with tiny_arm() as arm:
        yield arm


@pytest.fixture
def account(azure: TinyArm) -> Iterator[TinyAccount]:
    account = TinyAccount(azure)
    yield account
    account.tiny.close()


def resource(account: Account, token: str) -> AzureResource:
    return AzureResource(BY_TOKEN[token], account)


def operation(token: str, *, preview: bool = False) -> OperationContext:
    """The context of one operation on a resource of a type, as a program may write it."""
    return OperationContext(urn=f"urn:pulumi:dev::p::azure-native:{token}::x", preview=preview)
