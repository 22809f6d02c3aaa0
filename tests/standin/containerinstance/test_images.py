from __future__ import annotations

import pytest

from standin.containerinstance.errors import InvalidImageRegistryIdentity
from standin.containerinstance.images import check_identities
from standin.containerinstance.spec import parse_group
from tests.standin.containerinstance.groups import body, container


def test_an_identity_that_pulls_must_be_the_group_s_own() -> None:
    own = {"type": "UserAssigned", "userAssignedIdentities": {"/subscriptions/S/ID": {}}}
    credentials = [{"server": "r.io", "identity": "/subscriptions/s/id"}]
    check_identities(parse_group("web", body(container(), identity=own, imageRegistryCredentials=credentials)))
    with pytest.raises(InvalidImageRegistryIdentity):
        check_identities(parse_group("web", body(container(), imageRegistryCredentials=credentials)))
