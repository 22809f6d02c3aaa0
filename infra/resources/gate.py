"""`mledge:docker:Gate`: a model's image, let through once it has loaded it and answered its golden examples.

What serves the model takes `ref` from here, so that nothing of it changes where the image does not pass.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from infra.resources import MledgeResource


@dataclass(frozen=True, kw_only=True)
class GateArgs:
    ref: pulumi.Input[str]
    """The image's."""
    memory_mb: int
    """The least that a place of the model has, in MiB."""
    timeout_ms: int
    """The least that a place of the model waits for an answer."""
    body_limit_mb: int = 1
    """The least that a place of the model takes of a body, in MiB."""
    batch_rows: int = 1
    """The most that a place of the model runs together."""
    start_seconds: int = 20
    network: bool = False


class Gate(MledgeResource):
    resource_type = "mledge:docker:Gate"
    outputs = ("ref", "memoryPeakMb", "startedInSeconds", "latencyMs")

    def __init__(self, name: str, args: GateArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)

    @property
    def ref(self) -> pulumi.Output[str]:
        """Of the image that has passed."""
        return self.output("ref")

    @property
    def memory_peak_mb(self) -> pulumi.Output[float | None]:
        """In MiB. This and the next two are None where the image passed once, and what was measured is lost."""
        return self.output("memoryPeakMb")

    @property
    def started_in_seconds(self) -> pulumi.Output[float | None]:
        """Until every golden example was answered."""
        return self.output("startedInSeconds")

    @property
    def latency_ms(self) -> pulumi.Output[float | None]:
        """Of the slowest golden example, on one CPU."""
        return self.output("latencyMs")
