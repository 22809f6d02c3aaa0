"""Beside the types: what a region has on management.azure.com, and serial logs in storage of Azure's own."""

from __future__ import annotations

from collections.abc import Sequence

from standin.compute.handlers import LogHandlers, OfferHandlers
from standin.core.http import Route
from standin.core.obeys import obeys


def arm_routes(handlers: OfferHandlers) -> Sequence[Route]:
    compute = "/subscriptions/{subscription}/providers/Microsoft.Compute"
    return (
        Route("GET", f"{compute}/locations/{{location}}/usages", handlers.usages),
        Route("GET", f"{compute}/skus", handlers.skus, obeys=obeys(query="$filter")),
    )


def log_routes(handlers: LogHandlers) -> Sequence[Route]:
    return (Route("GET", "/{container}/{blob}", handlers.log, obeys=obeys(query="sv sr sp se sig")),)
