from __future__ import annotations

import pytest

from pluginbase.resource import Gone, ProviderError
from tests.standin.plugin.conftest import TinyAccount, operation, resource
from tests.standin.plugin.lifecycle import HUB, HUB_ID, create
from tests.standin.plugin.tiny_arm import TinyArm


def test_a_deletion_is_awaited(account: TinyAccount, azure: TinyArm) -> None:
    create(account)
    azure.next("DELETE", 202, None, Location="{endpoint}/results/1")
    azure.next("GET", 202, None, retry_after_ms="10")
    azure.next("GET", 204)

    resource(account, HUB).delete(operation(HUB), HUB_ID, {}, {})

    assert [path for _, path, _ in azure.requests][-2:] == ["/results/1", "/results/1"]


@pytest.mark.parametrize("status", [200, 204])
def test_a_deletion_may_be_done_at_once(account: TinyAccount, azure: TinyArm, status: int) -> None:
    azure.next("DELETE", status)

    resource(account, HUB).delete(operation(HUB), HUB_ID, {}, {})


def test_deleting_what_is_gone_already_is_no_error(account: TinyAccount, azure: TinyArm) -> None:
    azure.next("DELETE", 404, {"error": {"code": "ResourceNotFound"}})

    with pytest.raises(Gone):
        resource(account, HUB).delete(operation(HUB), HUB_ID, {}, {})


def test_a_deletion_that_fails_is_told(account: TinyAccount, azure: TinyArm) -> None:
    azure.next("DELETE", 202, None, Azure_AsyncOperation="{endpoint}/operations/1")
    azure.next("GET", 200, {"status": "Failed", "error": {"code": "InUse", "message": "in use"}})

    with pytest.raises(ProviderError, match='Code="InUse" Message="in use"'):
        resource(account, HUB).delete(operation(HUB), HUB_ID, {}, {})


def test_a_vault_secret_is_deleted_in_the_vault(account: TinyAccount, azure: TinyArm) -> None:
    id, _ = create(account, "keyvault:Secret")

    resource(account, "keyvault:Secret").delete(operation("keyvault:Secret"), id, {}, {})

    assert azure.requests[-1] == ("DELETE", "/secrets/s", "7.5")
