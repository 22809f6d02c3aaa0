"""Where a client of a workspace finds its other addresses, and what a region offers."""

from __future__ import annotations

from collections.abc import Mapping

from standin.core.arm.ids import location_name
from standin.core.errors import BadRequest
from standin.core.http import Request, Response, json_response
from standin.machinelearning.clusters.quotas import Quotas
from standin.machinelearning.clusters.sizes import SIZES
from standin.machinelearning.kinds.codes import UPLOAD, Uploads


async def discovery(request: Request, _: Mapping[str, str]) -> Response:
    base = f"https://{request.host}"
    return json_response({"api": base, "history": base, "experimentation": base, "studio": "https://ml.azure.com"})


class RegionHandlers:
    def __init__(self, quotas: Quotas) -> None:
        self._quotas = quotas

    async def usages(self, request: Request, parameters: Mapping[str, str]) -> Response:
        return json_response({"value": self._quotas.usages(location_name(parameters["location"]))})

    async def sizes(self, request: Request, _: Mapping[str, str]) -> Response:
        """The same in each region."""
        return json_response({"value": [size.shown() for size in SIZES]})


class UploadHandlers:
    def __init__(self, uploads: Uploads) -> None:
        self._uploads = uploads

    async def begin(self, request: Request, _: Mapping[str, str]) -> Response:
        """Of a version that is not there yet; each call makes another place."""
        asked = request.json_object().get("pendingUploadType", UPLOAD) if request.body else UPLOAD
        if asked != UPLOAD:
            raise BadRequest(f"pendingUploadType is {asked!r}; the stand-in has {UPLOAD}.", code="UserError")
        return json_response(self._uploads.begin(request.path.partition("/codes/")[0]))
