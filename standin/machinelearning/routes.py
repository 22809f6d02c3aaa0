"""The table of a region's operations beside ARM."""

from __future__ import annotations

from collections.abc import Sequence

from standin.core.http import Route
from standin.machinelearning.handlers import discovery

ROUTES: Sequence[Route] = (Route("GET", "/discovery", discovery),)
