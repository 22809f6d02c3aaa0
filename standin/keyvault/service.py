"""<vault>.vault.azure.net."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from standin.core.http import Route, Service
from standin.core.obeys import Part


class VaultService(Service):
    hosts = (".vault.azure.net",)
    unobeyed: Mapping[Part, str] = dict.fromkeys(("query", "header", "field"), "BadParameter")

    def __init__(self, routes: Sequence[Route]) -> None:
        self.routes = routes
