"""Who deploys, as azure-native is signed in: the same identity that assigns the roles.

https://www.pulumi.com/registry/packages/azure-native/api-docs/authorization/getclientconfig/
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import authorization

from cloud.sign_in import principal_type_of
from infra.settings.tree import OperatorSettings


@dataclass(frozen=True, kw_only=True)
class Deployer:
    subscription_id: str
    tenant_id: str
    object_id: str

    @classmethod
    def signed_in(cls) -> Deployer:
        """Raises RunError where Azure does not say: of the bare Exception of the SDK a user would read the stack."""
        try:
            client = authorization.get_client_config()
        except Exception as error:
            raise pulumi.RunError(f"who is signed in to Azure is not known: {error}") from error
        return cls(subscription_id=client.subscription_id, tenant_id=client.tenant_id, object_id=client.object_id)

    def as_operator(self) -> OperatorSettings:
        """The client's configuration does not say whether it is a person's or a service's, its token does; the token
        goes nowhere from here."""
        kind = principal_type_of(authorization.get_client_token().token)
        return OperatorSettings(principal_id=self.object_id, type=kind)
