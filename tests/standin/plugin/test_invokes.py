from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from pluginbase.resource import OperationContext, ProviderError
from standin.plugin.account import Account
from standin.plugin.invokes import invokes
from tests.standin.plugin.conftest import TinyAccount
from tests.standin.plugin.lifecycle import HUB_ID, create
from tests.standin.plugin.sample_ids import GROUP
from tests.standin.plugin.tiny_arm import TinyArm

HUB = {"resourceGroupName": "rg", "resourceName": "iot"}


def call(account: Account, token: str, **arguments: str) -> dict[str, Any]:
    return invokes(account)[f"azure-native:{token}"](OperationContext(), arguments)


def test_any_type_can_be_got(account: TinyAccount) -> None:
    create(account)

    found = call(account, "iothub:getIotHubResource", **HUB)

    assert (found["id"], found["name"], found["sku"]["name"]) == (HUB_ID, "iot", "S1")


def test_getting_what_is_not_there_is_an_error(account: TinyAccount) -> None:
    with pytest.raises(ProviderError, match=f'Status=404 Code="ResourceNotFound" Message="{HUB_ID} was not found"'):
        call(account, "iothub:getIotHubResource", **HUB)


def test_an_argument_that_is_missing_is_named(account: TinyAccount) -> None:
    with pytest.raises(ProviderError, match="iothub:IotHubResource: resourceName is missing"):
        call(account, "iothub:getIotHubResource", resourceGroupName="rg")


@pytest.mark.parametrize(
    ("token", "arguments", "path"),
    [
        ("iothub:listIotHubResourceKeys", HUB, "Microsoft.Devices/IotHubs/iot/listkeys"),
        (
            "iothub:listIotHubResourceKeysForKeyName",
            {**HUB, "keyName": "service"},
            "Microsoft.Devices/IotHubs/iot/IotHubKeys/service/listkeys",
        ),
        (
            "storage:listStorageAccountKeys",
            {"resourceGroupName": "rg", "accountName": "st"},
            "Microsoft.Storage/storageAccounts/st/listKeys",
        ),
        (
            "operationalinsights:getSharedKeys",
            {"resourceGroupName": "rg", "workspaceName": "log"},
            "Microsoft.OperationalInsights/workspaces/log/sharedKeys",
        ),
    ],
)
def test_keys_are_asked_for(
    account: TinyAccount, azure: TinyArm, token: str, arguments: dict[str, str], path: str
) -> None:
    azure.next("POST", 200, {"value": [{"keyName": "k"}]})

    assert call(account, token, **arguments) == {"value": [{"keyName": "k"}]}
    assert azure.requests[-1][1] == f"{GROUP}/providers/{path}"


def test_the_client_is_who_the_token_says(monkeypatch: pytest.MonkeyPatch) -> None:
    claims = base64.urlsafe_b64encode(json.dumps({"appid": "a", "oid": "o", "tid": "t"}).encode()).decode().rstrip("=")

    class Credential:
        def get_token(self, *scopes: str) -> Any:
            return type("Token", (), {"token": f"e30.{claims}.x"})()

    account = Account({"ARM_SUBSCRIPTION_ID": "s"})
    monkeypatch.setitem(account.__dict__, "_credential", Credential())

    assert call(account, "authorization:getClientConfig") == {
        "clientId": "a",
        "objectId": "o",
        "subscriptionId": "s",
        "tenantId": "t",
    }
    assert call(account, "authorization:getClientToken") == {"token": f"e30.{claims}.x"}


def test_a_missing_subscription_is_named_with_its_remedy() -> None:
    with pytest.raises(ProviderError, match="no subscriptionId: set ARM_SUBSCRIPTION_ID or AZURE_SUBSCRIPTION_ID, or"):
        call(Account({}), "iothub:getIotHubResource", **HUB)


def test_configuration_goes_before_the_environment() -> None:
    account = Account({"ARM_SUBSCRIPTION_ID": "environment"})
    account.configure({"subscriptionId": "configured", "location": "westeurope"})

    assert (account.subscription, account.default_location) == ("configured", "westeurope")
