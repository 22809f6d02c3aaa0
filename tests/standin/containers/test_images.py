from __future__ import annotations

import pytest

from standin.containers.images import Credentials, server_of


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


def test_a_password_is_not_shown() -> None:
    assert "hidden" not in repr(Credentials("user", "hidden"))
