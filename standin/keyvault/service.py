"""<vault>.vault.azure.net."""

from __future__ import annotations

from collections.abc import Sequence

from standin.core.http import Route, Service


class VaultService(Service):
    hosts = (".vault.azure.net",)

    def __init__(self, routes: Sequence[Route]) -> None:
        self.routes = routes
