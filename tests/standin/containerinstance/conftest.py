from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.standin.containerinstance.groups import Group
from tests.standin.containerregistry.cloud import Cloud, cloud_in


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with cloud_in(tmp_path_factory.mktemp("standin"), "containerregistry", "containerinstance") as made:
        yield made
        left = made.engine.containers.list(
            all=True, filters={"label": f"edgeway.standin={made.standin.base.docker.instance}"}
        )
        for each in left:  # what a failed test left
            each.remove(force=True)


@pytest.fixture
def group(cloud: Cloud, request: pytest.FixtureRequest) -> Iterator[Callable[..., Group]]:
    """Makes groups that go with the test."""
    made: list[Group] = []

    def make(name: str, **body: Any) -> Group:
        made.append(Group(cloud, name))
        made[-1].put(**body)
        return made[-1]

    yield make
    for each in made:
        each.delete()
