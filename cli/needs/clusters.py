"""The machines of the stack's clusters: as many as train at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cli.needs.machines import Wanted
from cli.needs.subscription import Place
from cloud.azureml.online_endpoint import API_VERSION
from cloud.errors import ServiceError, is_missing


def machines_of_clusters(place: Place) -> Iterator[Wanted]:
    """With the defaults of the settings. Nobody has checked the file yet."""
    given = place.config.get("computes")
    for one in given if isinstance(given, list) else ():
        if isinstance(one, Mapping) and one.get("kind") == "cluster":
            most = str(one.get("maxNodes", 1))
            yield Wanted(
                by=f"cluster {one.get('name')}",
                size=str(one.get("size", "Standard_DS3_v2")),
                machines=int(most) if most.isdecimal() else 1,
                running=_running(place, str(one.get("name"))),
                elsewhere="another size under edgeway:computes",
            )


def _running(place: Place, name: str) -> int:
    workspace = place.resource("Microsoft.MachineLearningServices/workspaces", place.names.workspace)
    try:
        body: Any = place.get(f"{workspace}/computes/{name}", API_VERSION)
    except ServiceError as error:
        if is_missing(error):
            return 0
        raise
    cluster = (body.get("properties") or {}).get("properties") or {}
    return int(cluster.get("currentNodeCount") or 0)
