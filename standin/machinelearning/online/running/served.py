"""What of a deployment answers requests: kept in its private facts, so that it outlives the process.

A deployment's body says what is wanted. What is served follows it once all of it is ready, and stays where that fails.
"""

from __future__ import annotations

import msgspec

from standin.core.arm import Resource
from standin.machinelearning.online.description import Limits, Replica

_FACT = "served"


class Served(msgspec.Struct, frozen=True, kw_only=True):
    run: int
    """Counts the roll-outs; each instance of it is a group of containers of its own."""
    instances: int
    replica: Replica
    limits: Limits


def served_by(deployment: Resource) -> Served | None:
    """None: nothing has ever been ready."""
    saved = deployment.private.get(_FACT)
    return msgspec.convert(saved, Served) if saved else None


def serve(deployment: Resource, served: Served) -> None:
    deployment.private = {**deployment.private, _FACT: msgspec.to_builtins(served)}
