"""The operation that a request is to Azure RBAC, beside the names in Microsoft's table of operations."""

from __future__ import annotations

import pytest

from standin.core.arm.http.actions import action_of

S = "/subscriptions/s"
G = f"{S}/resourceGroups/g"
HUB = f"{G}/providers/Microsoft.Devices/IotHubs/h"
VAULT = f"{S}/providers/Microsoft.KeyVault/locations/l/deletedVaults/v"


@pytest.mark.parametrize(
    ("method", "path", "action"),
    [
        ("GET", S, "Microsoft.Resources/subscriptions/read"),
        ("GET", "/subscriptions", None),
        ("GET", f"{S}/resourceGroups", None),
        ("HEAD", G, "Microsoft.Resources/subscriptions/resourceGroups/read"),
        ("PUT", G, "Microsoft.Resources/subscriptions/resourceGroups/write"),
        ("DELETE", G, "Microsoft.Resources/subscriptions/resourceGroups/delete"),
        ("GET", f"{G}/resources", "Microsoft.Resources/subscriptions/resourceGroups/resources/read"),
        ("GET", f"{S}/providers", "Microsoft.Resources/subscriptions/providers/read"),
        ("GET", f"{S}/providers/Microsoft.Devices", "Microsoft.Resources/subscriptions/providers/read"),
        ("POST", f"{S}/providers/Microsoft.Devices/register", "Microsoft.Devices/register/action"),
        ("GET", f"{S}/providers/Microsoft.Devices/usages", "Microsoft.Devices/usages/read"),
        ("GET", f"{G}/providers/Microsoft.Devices/IotHubs", "Microsoft.Devices/IotHubs/read"),
        ("PATCH", HUB, "Microsoft.Devices/IotHubs/write"),
        ("POST", f"{HUB}/listkeys", "Microsoft.Devices/IotHubs/listkeys/action"),
        ("POST", f"{HUB}/IotHubKeys/service/listkeys", "Microsoft.Devices/IotHubs/IotHubKeys/listkeys/action"),
        (
            "PUT",
            f"{HUB}/eventHubEndpoints/events/ConsumerGroups/c",
            "Microsoft.Devices/IotHubs/eventHubEndpoints/ConsumerGroups/write",
        ),
        (
            "PUT",
            f"{HUB}/providers/Microsoft.Authorization/roleAssignments/a",
            "Microsoft.Authorization/roleAssignments/write",
        ),
        ("GET", f"{G}/providers/Microsoft.Authorization/permissions", "Microsoft.Authorization/permissions/read"),
        ("POST", f"{VAULT}/purge", "Microsoft.KeyVault/locations/deletedVaults/purge/action"),
        ("GET", VAULT, "Microsoft.KeyVault/locations/deletedVaults/read"),
        (
            "GET",
            f"{S}/providers/Microsoft.KeyVault/locations/l/operationResults/o",
            "Microsoft.KeyVault/locations/operationResults/read",
        ),
        (
            "POST",
            f"{S}/providers/Microsoft.KeyVault/checkNameAvailability",
            "Microsoft.KeyVault/checkNameAvailability/read",
        ),
        (
            "POST",
            f"{S}/providers/Microsoft.Devices/checkNameAvailability",
            "Microsoft.Devices/checkNameAvailability/action",
        ),
    ],
)
def test_a_request_is_the_operation_that_azure_calls_it(method: str, path: str, action: str | None) -> None:
    assert action_of(method, path) == action
