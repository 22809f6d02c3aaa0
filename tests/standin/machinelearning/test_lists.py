"""What a list of model versions is asked for. No server."""

from __future__ import annotations

from typing import Any

import pytest

from standin.core.arm import Resource
from standin.core.errors import ServiceError
from standin.machinelearning.kinds.models import ModelVersion

WORKSPACE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w"


def version(name: str, created: str, **properties: Any) -> Resource:
    return Resource(
        id=f"{WORKSPACE}/models/m/versions/{name}",
        type=ModelVersion.type,
        name=name,
        body={"properties": properties},
        created_at=created,
        changed_at=created,
    )


VERSIONS = [
    version("1", "2026-01-01", tags={"team": "a"}, stage="Production"),
    version("2", "2026-01-03", tags={"team": "b", "x": ""}, properties={"p": "1"}, description="second"),
    version("3", "2026-01-02", isArchived=True),
]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["2", "1"]),
        ({"listViewType": "All"}, ["2", "3", "1"]),
        ({"listViewType": "ArchivedOnly"}, ["3"]),
        ({"$orderBy": "createdtime asc"}, ["1", "2"]),
        ({"$orderBy": "modifiedtime desc"}, ["2", "1"]),
        ({"version": "1"}, ["1"]),
        ({"stage": "Production"}, ["1"]),
        ({"tags": "team"}, ["2", "1"]),
        ({"tags": "team=b,x"}, ["2"]),
        ({"tags": "team=c"}, []),
        ({"properties": "p=1"}, ["2"]),
        ({"description": "second"}, ["2"]),
    ],
)
def test_versions_are_chosen_and_ordered_as_asked(query: dict[str, str], names: list[str]) -> None:
    kind = ModelVersion(arm=None, output_of=None)  # type: ignore[arg-type]
    assert [one.name for one in kind.select(VERSIONS, query)] == names


@pytest.mark.parametrize("query", [{"$orderBy": "name"}, {"$orderBy": "createdtime up"}, {"listViewType": "Some"}])
def test_an_order_or_a_view_that_nobody_knows_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(ServiceError) as refusal:
        ModelVersion(arm=None, output_of=None).select(VERSIONS, query)  # type: ignore[arg-type]
    assert (refusal.value.status, refusal.value.code) == (400, "UserError")
