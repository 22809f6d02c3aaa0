"""azure-mgmt-msi, unmodified."""

from __future__ import annotations

from azure.identity import DefaultAzureCredential
from azure.mgmt.msi import ManagedServiceIdentityClient

from standin.core.auth import SUBSCRIPTION_ID
from tests.standin.running import wire


def test_an_identity_has_principals_that_change_when_it_is_made_anew(
    credential: DefaultAzureCredential, group: str
) -> None:
    with ManagedServiceIdentityClient(credential, SUBSCRIPTION_ID) as client:
        identities = client.user_assigned_identities
        first = identities.create_or_update(group, "id-run", wire({"location": "westeurope"}))
        again = identities.create_or_update(group, "id-run", wire({"location": "westeurope", "tags": {"a": "b"}}))
        assert first.principal_id == again.principal_id
        assert first.client_id not in (None, first.principal_id)
        identities.delete(group, "id-run")
        assert "id-run" not in [found.name for found in identities.list_by_resource_group(group)]
        fresh = identities.create_or_update(group, "id-run", wire({"location": "westeurope"}))
        assert fresh.principal_id != first.principal_id
