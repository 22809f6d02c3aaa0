"""What of a deployment answers requests: kept in its private facts, so that it outlives the process.

A deployment's body says what is wanted. What is served follows it once all of it is ready, and stays where that fails.
"""

from __future__ import annotations

import msgspec

from standin.core.arm import Resource
from standin.machinelearning.online.description import Limits, Replica

_FACT = "served"


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Instances that are alike."""

    run: int
    """Counts the roll-outs; each instance of it is a group of containers of its own."""
    instances: int
    replica: Replica


class Served(Part, frozen=True, kw_only=True):
    limits: Limits
    before: list[Part] = []
    """Instances of earlier runs that answer beside it: on Kubernetes they go one by one."""
    on_kubernetes: bool = False
    puller: str = ""
    """Who pulls the image, ..."""
    reader: str = ""
    """... and who reads the model, of an instance that must be made again."""

    @property
    def parts(self) -> list[Part]:
        """The oldest first."""
        return [*self.before, Part(run=self.run, instances=self.instances, replica=self.replica)]

    @property
    def count(self) -> int:
        return sum(part.instances for part in self.parts)


def served_by(deployment: Resource) -> Served | None:
    """None: nothing has ever been ready."""
    saved = deployment.private.get(_FACT)
    return msgspec.convert(saved, Served) if saved else None


def serve(deployment: Resource, served: Served) -> None:
    deployment.private = {**deployment.private, _FACT: msgspec.to_builtins(served)}
