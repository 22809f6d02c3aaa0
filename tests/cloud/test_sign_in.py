from __future__ import annotations

import jwt

from cloud.sign_in import object_id_of, tenant_of


def test_a_token_says_whose_it_is() -> None:
    token = jwt.encode({"tid": "tenant-1", "oid": "object-1"}, "k" * 32)
    assert (tenant_of(token), object_id_of(token)) == ("tenant-1", "object-1")
