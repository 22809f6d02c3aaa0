"""What of container groups nobody knows of Azure, to be switched while the stand-in runs.

POST /_standin/containerinstance     {"fixesSecretVolumes": true|false}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from standin.containerinstance.state import ContainerGroups
from standin.core.errors import BadRequest
from standin.core.http import Request, Response, Route, json_response
from standin.core.obeys import obeys


def control_routes(groups: ContainerGroups) -> Sequence[Route]:
    async def switch(request: Request, _: Mapping[str, str]) -> Response:
        body = request.json_object()
        wanted = body.get("fixesSecretVolumes")
        if set(body) != {"fixesSecretVolumes"} or not isinstance(wanted, bool):
            raise BadRequest(f'Expected {{"fixesSecretVolumes": true|false}}, got {body!r}.')
        groups.fixes_secret_volumes = wanted
        return json_response(body)

    return (Route("POST", "/_standin/containerinstance", switch, obeys=obeys(fields="fixesSecretVolumes")),)
