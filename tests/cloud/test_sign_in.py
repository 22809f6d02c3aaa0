from __future__ import annotations

import jwt
import pytest

from cloud.sign_in import object_id_of, principal_type_of, tenant_of


def test_a_token_says_whose_it_is() -> None:
    token = jwt.encode({"tid": "tenant-1", "oid": "object-1"}, "k" * 32)
    assert (tenant_of(token), object_id_of(token)) == ("tenant-1", "object-1")


@pytest.mark.parametrize(
    ("claims", "kind"),
    [
        ({"idtyp": "app"}, "ServicePrincipal"),
        ({"idtyp": "user"}, "User"),
        ({"scp": "user_impersonation"}, "User"),
        ({"roles": []}, "ServicePrincipal"),
    ],
)
def test_a_token_says_whether_it_is_a_persons_or_a_services(claims: dict[str, object], kind: str) -> None:
    assert principal_type_of(jwt.encode(claims, "k" * 32)) == kind
