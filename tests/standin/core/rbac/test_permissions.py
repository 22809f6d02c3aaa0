"""What roles permit, by their lists of actions."""

from __future__ import annotations

import pytest

from standin.core.rbac.built_in import ROLES
from standin.core.rbac.permissions import Permissions


@pytest.mark.parametrize(
    ("role", "action", "permitted"),
    [
        ("Owner", "Microsoft.Authorization/roleAssignments/write", True),
        ("Contributor", "Microsoft.Devices/IotHubs/write", True),
        ("Contributor", "microsoft.authorization/roleassignments/write", False),
        ("Contributor", "Microsoft.Authorization/roleAssignments/read", True),
        ("Reader", "Microsoft.Devices/IotHubs/read", True),
        ("Reader", "Microsoft.Devices/IotHubs/listkeys/action", False),
        ("Role Based Access Control Administrator", "Microsoft.Authorization/roleAssignments/delete", True),
        ("Role Based Access Control Administrator", "Microsoft.Devices/IotHubs/write", False),
        ("IoT Hub Data Contributor", "Microsoft.Devices/IotHubs/read", False),
        ("Storage Blob Data Contributor", "Microsoft.Storage/storageAccounts/blobServices/containers/write", True),
    ],
)
def test_a_role_permits_what_azure_lists_for_it(role: str, action: str, permitted: bool) -> None:
    assert ROLES[role].permissions.permits(action) is permitted


def test_a_role_of_ones_own_counts_where_it_covers_all_data_actions() -> None:
    reader = ROLES["Storage Blob Data Reader"].permissions
    blobs = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"

    assert Permissions(data_actions=(f"{blobs}/*",)).covers_data_of(reader)
    assert not Permissions(data_actions=(f"{blobs}/*",), not_data_actions=(f"{blobs}/read",)).covers_data_of(reader)
    assert not Permissions(data_actions=(f"{blobs}/write",)).covers_data_of(reader)


def test_no_two_roles_share_a_guid() -> None:
    assert len({role.guid for role in ROLES.values()}) == len(ROLES)
