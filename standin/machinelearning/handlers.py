"""Where a client of a workspace finds its other addresses: all of them here."""

from __future__ import annotations

from collections.abc import Mapping

from standin.core.http import Request, Response, json_response


async def discovery(request: Request, _: Mapping[str, str]) -> Response:
    base = f"https://{request.host}"
    return json_response({"api": base, "history": base, "experimentation": base, "studio": "https://ml.azure.com"})
