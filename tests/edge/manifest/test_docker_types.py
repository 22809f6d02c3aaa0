"""createOptions held to Docker's types: each wrong shape is told by its path, and never quotes what may be secret."""

from __future__ import annotations

from typing import Any

import pytest

from edge.manifest.rules.docker import create_options_problems
from tests.edge.manifest.create_options import REFUSED, WHOLE, host


def problems(options: dict[str, Any]) -> list[str]:
    return list(create_options_problems(options))


def test_every_documented_member_of_its_type_is_taken() -> None:
    assert problems(WHOLE) == []


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"HostConfig": None, "Env": None},
        host(PortBindings={"1883/tcp": None, "80": [{}], "5000-5010/udp": [{"HostPort": "5000-5010"}]}),
        {"hostconfig": {"portBINDINGS": {"80/tcp": [{"hostip": "127.0.0.1", "HOSTPORT": "80"}]}}},
        {"Env": ["EMPTY=", "INHERITED", "A=b=c"]},
        host(Binds=["/var/lib/x:/data", "volume:/data:ro", "./relative:/data"]),
        host(PortBindings={"65535/tcp": [{"HostPort": "65535"}], "0/tcp": [{"HostPort": "0"}]}),
        host(Memory=268435456.0, MemorySwap=-1, PidsLimit=None, Init=None),
        {"NetworkingConfig": {"EndpointsConfig": {"host": {}, "bridge": None}}, **host(NetworkMode="host")},
    ],
)
def test_what_docker_takes_is_taken(options: dict[str, Any]) -> None:
    assert problems(options) == []


@pytest.mark.parametrize(("options", "said"), REFUSED)
def test_a_wrong_shape_is_refused_by_its_path(options: dict[str, Any], said: str) -> None:
    found = problems(options)
    assert len(found) == 1 and said in found[0], found
    assert "secret" not in found[0]
