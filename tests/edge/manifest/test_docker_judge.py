"""Docker itself judges createOptions: what the preview refuses it refuses too, or takes and does nothing with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from edge.manifest.rules.docker import create_options_problems
from tests.edge.manifest.create_options import REFUSED, WHOLE

pytestmark = pytest.mark.docker

UNKNOWN = "nothing that Docker knows"
# Docker takes text for a list of one, which the agent and iotedge do not; a null for "", a path alone for a volume
# without a name, which its API documents nowhere; a range of ports beyond 65535; and as many numbers as there are.
LENIENT: list[dict[str, Any]] = [
    {"Cmd": "run"},
    {"ExposedPorts": {"1-99999/tcp": {}}},
    {"Entrypoint": "run"},
    {"HostConfig": {"CapAdd": "NET_ADMIN"}},
    {"HostConfig": {"Binds": ["/a"]}},
    {"HostConfig": {"Binds": [None]}},
    {"HostConfig": {"ConsoleSize": [1]}},
]


@pytest.fixture(scope="module")
def api() -> Iterator[Any]:
    import docker

    client = docker.from_env()
    yield client.api
    client.close()


def create(api: Any, options: dict[str, Any]) -> Any:
    """Asked with an image that is not there: an answer of 404 says that everything before it was read."""
    body = {**options, "Image": "edgeway-no-such-image:none"}
    return api._post_json(api._url("/containers/create"), data=body)


def test_docker_refuses_what_the_preview_refuses_or_passes_it_over(api: Any) -> None:
    for options, _ in REFUSED:
        status, (told,) = create(api, options).status_code, create_options_problems(options)
        if UNKNOWN in told or options in LENIENT:
            assert status == 404, options
        else:
            assert status in (400, 500), options


def test_docker_reads_every_member_that_the_preview_knows(api: Any) -> None:
    answer = create(api, {**WHOLE, "HostConfig": {**WHOLE["HostConfig"], "Mounts": []}})
    assert answer.status_code in (400, 404) and "unmarshal" not in answer.text, answer.text
