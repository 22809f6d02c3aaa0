"""Where containers meet the stand-in, as they do in a stack."""

from __future__ import annotations

import docker

from standin.containers.docker_host import bridge_gateway


def bridge_of(engine: docker.DockerClient) -> str:
    address = bridge_gateway(engine)
    assert address is not None, "Docker's own network has no IPv4"
    return address
