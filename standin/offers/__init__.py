"""What a subscription offers before anything is made in it: policies, sizes and quotas of a region, names."""

from __future__ import annotations

from collections.abc import Callable

from standin.core.arm import Arm
from standin.core.part import Part
from standin.offers.handlers import OfferHandlers
from standin.offers.routes import arm_routes

__all__ = ["part"]


def part(arm: Arm, has_hub_name: Callable[[str], bool]) -> Part:
    return Part(name="offers", arm_routes=arm_routes(OfferHandlers(arm, has_hub_name)))
