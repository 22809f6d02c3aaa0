"""What of an instance is there while some of it goes: Docker's client lists first, and looks at each afterwards."""

from __future__ import annotations

from typing import Any

from docker import DockerClient
from docker.errors import NotFound

from standin.containers.docker_host import _named


class Api:
    """As an engine of which the container `gone` is removed right after it was listed."""

    def containers(self, **_: object) -> list[dict[str, str]]:
        return [{"Id": "gone"}, {"Id": "here"}]

    def inspect_container(self, id: str) -> dict[str, Any]:
        if id == "gone":
            raise NotFound("No such container: gone")
        return {"Id": id, "Name": "/here"}

    def networks(self, **_: object) -> list[dict[str, Any]]:
        return []

    def volumes(self, **_: object) -> dict[str, Any]:
        return {"Volumes": []}


def test_a_container_that_goes_while_all_are_listed_is_not_listed() -> None:
    client = DockerClient.__new__(DockerClient)
    vars(client)["api"] = Api()
    assert list(_named(client, "edgeway.standin=test")) == ["container here"]
