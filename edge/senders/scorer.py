"""A model's scorer as a module."""

from __future__ import annotations

from contracts.limits import MemoryMb, ServerSettings
from edge.manifest import Module
from edge.senders.host import USER, limited


class ScorerSettings(ServerSettings, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """What a layer lets its user set of its scorer: its own settings inherit from these."""

    memory_mb: MemoryMb = 512


def scorer_module(image: object, settings: ScorerSettings) -> Module:
    return Module(
        image=image,
        create_options={"User": USER, "HostConfig": limited(settings.memory_mb)},
        env=settings.variables(settings.memory_mb),
        startup_order=1,
    )
