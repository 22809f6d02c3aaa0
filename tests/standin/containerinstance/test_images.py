from __future__ import annotations

import pytest

from standin.containerinstance.errors import InvalidImageRegistryIdentity
from standin.containerinstance.images import check_identities, server_of
from standin.containerinstance.spec import parse_group
from tests.standin.containerinstance.groups import body, container


@pytest.mark.parametrize(
    ("image", "server"),
    [
        ("python:3.11", "docker.io"),
        ("library/python", "docker.io"),
        ("127.0.0.1:20002/edgeway/anomaly@sha256:aa", "127.0.0.1:20002"),
        ("Reg.azurecr.io/x", "reg.azurecr.io"),
        ("localhost/x", "localhost"),
    ],
)
def test_the_registry_is_read_from_a_name_as_docker_reads_it(image: str, server: str) -> None:
    assert server_of(image) == server


def test_an_identity_that_pulls_must_be_the_group_s_own() -> None:
    own = {"type": "UserAssigned", "userAssignedIdentities": {"/subscriptions/S/ID": {}}}
    credentials = [{"server": "r.io", "identity": "/subscriptions/s/id"}]
    check_identities(parse_group("web", body(container(), identity=own, imageRegistryCredentials=credentials)))
    with pytest.raises(InvalidImageRegistryIdentity):
        check_identities(parse_group("web", body(container(), imageRegistryCredentials=credentials)))
