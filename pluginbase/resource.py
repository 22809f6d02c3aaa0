"""What a provider writes: a `Resource` per type, on plain dicts, and the errors it may raise.

The lifecycle is Pulumi's: https://github.com/pulumi/pulumi/blob/master/proto/pulumi/provider.proto

    ProviderError       shown to the user as it stands, no traceback; so are the `plain_errors` of `server.serve`
        Cancelled       the user pressed Ctrl-C, or the operation's own time ran out
    PartialFailure      made, but not in order: kept in state, mended by the next `up`
    Gone                it exists no more (read, delete)
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pluginbase.diff import Change, changes
from pluginbase.engine import Engine, Severity
from pluginbase.secrets import Secrets
from pluginbase.values import UNKNOWN, Properties


class ProviderError(Exception):
    """A failure with a text for the user, shown as it stands: names the thing, what happened, what to do.

    raise ProviderError(f"the box {name!r} does not close: take a lid of size {size}")
    """


class Cancelled(ProviderError):
    """The operation was given up on request or for its time limit. `OperationContext.wait` raises it."""


class Gone(Exception):
    """The resource does not exist (any more): raised by a `read` or a `delete`."""


class PartialFailure(Exception):
    """The resource exists, but did not become ready: it enters the state together with the reasons.

    raise PartialFailure("crate", {**inputs, "serial": serial}, ["its lid does not close"])

    `inputs` are those that the state keeps, where they are not the ones of the operation.
    """

    def __init__(self, id: str, outputs: Properties, reasons: Sequence[str], inputs: Properties | None = None) -> None:
        super().__init__("; ".join(reasons))
        self.id = id
        self.outputs = outputs
        self.reasons = list(reasons)
        self.inputs = inputs


class Failure(NamedTuple):
    """An input that `check` refuses: `Failure("parts[0].size", "-1 is refused; a number above 0 is wanted")`.

    `path` is the input's wire name, with dots and brackets where nested.
    """

    path: str
    reason: str


@dataclass(kw_only=True)
class OperationContext:
    """One operation on one resource (or one call of a function: then `urn` is empty).

    ctx.status("folding")       # in the resource's row
    ctx.wait(2.0)               # ends early, by Cancelled, at a Ctrl-C or the resource's own time limit
    ctx.log("the box is made")  # under Diagnostics

    What is secret in the request is left out of what is said.
    """

    urn: str = ""
    preview: bool = False
    timeout_seconds: float = 0.0
    """Of the resource's customTimeouts, 0 where none was set."""
    secrets: Secrets = field(default_factory=Secrets)
    config: Properties = field(default_factory=dict)
    engine: Engine = field(default_factory=Engine)
    cancelled: threading.Event = field(default_factory=threading.Event)
    started: float = field(default_factory=time.monotonic)

    @property
    def name(self) -> str:
        """The logical name in the program."""
        return self.urn.rpartition("::")[2]

    @property
    def type(self) -> str:
        return type_of(self.urn) if self.urn else ""

    def log(self, message: str, severity: Severity = "info") -> None:
        """A line under Diagnostics."""
        self.engine.log(self.urn, self.secrets.scrub(message), severity)

    def status(self, message: str) -> None:
        """The text in the resource's row, while the operation runs."""
        self.engine.log(self.urn, self.secrets.scrub(message), ephemeral=True)

    def wait(self, seconds: float) -> None:
        """Sleeps, but not past a Ctrl-C or the resource's own time limit: those raise Cancelled."""
        left = self.timeout_seconds - (time.monotonic() - self.started) if self.timeout_seconds else seconds
        if self.cancelled.wait(max(0.0, min(seconds, left))):
            raise Cancelled("cancelled")
        if left <= seconds and self.timeout_seconds:
            raise Cancelled(f"not done within the {self.timeout_seconds:g} s of its customTimeouts")


class Resource:
    """One resource type. Every method gets and gives plain dicts keyed by wire names (camelCase).

    class Box(Resource):
        token = "toy:index:Box"
        replace_on = frozenset({"name"})

        def create(self, ctx, inputs):
            return inputs["name"], {**inputs, "serial": fold(inputs["size"])}

        def delete(self, ctx, id, inputs, state):
            unfold(id)
    """

    token: str
    secret_outputs: frozenset[str] = frozenset()
    replace_on: frozenset[str] = frozenset()
    """Input paths whose change replaces; `*` stands for any index or key: `containers[*].name`."""
    delete_before_replace: bool = False
    diff_asks_service: bool = False
    """Whether `diff` talks to a service, as create, read, update and delete do."""
    stable_outputs: tuple[str, ...] = ()
    """Outputs that an update never changes. Everything that depends on others shows as changed in a preview."""

    def check(self, ctx: OperationContext, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        """Refuses bad input, fills in defaults. In a preview values may be UNKNOWN. `olds` is empty at first."""
        return news, []

    def diff(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> list[Change]:
        """What changed between the old and the new inputs; override it to add changes that time brings."""
        return changes(olds, news, self.replace_on)

    def preview_outputs(self, ctx: OperationContext, inputs: Properties) -> Properties:
        """What is known before it exists. Outputs that are left out are unknown."""
        return dict(inputs)

    def preview_update(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> Properties:
        """What an update will leave: the new inputs and the stable outputs."""
        kept = {name: state[name] for name in self.stable_outputs if name in state}
        return {**self.preview_outputs(ctx, news), **kept}

    def create(self, ctx: OperationContext, inputs: Properties) -> tuple[str, Properties]:
        """The id, and the outputs as they enter the state; PartialFailure where it is made but not ready."""
        raise NotImplementedError(f"{self.token} cannot be created")

    def read(
        self, ctx: OperationContext, id: str, inputs: Properties, state: Properties
    ) -> tuple[str, Properties, Properties]:
        """The inputs and outputs as they really are, or Gone. On import `inputs` and `state` are empty."""
        return id, inputs, state

    def update(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> Properties:
        """The outputs after the change from `olds` to `news`; `state` are the outputs before."""
        raise NotImplementedError(f"{self.token} cannot be updated in place")

    def delete(self, ctx: OperationContext, id: str, inputs: Properties, state: Properties) -> None:
        """Deleting what is gone already succeeds: raise Gone or return."""
        raise NotImplementedError(f"{self.token} cannot be deleted")


def type_of(urn: str) -> str:
    """The resource's own type: `c:d:Child` of `urn:pulumi:dev::shop::a:b:Parent$c:d:Child::name`."""
    return urn.split("::")[2].rpartition("$")[2]


Invoke = Callable[[OperationContext, Properties], Properties]
"""A function of the provider: arguments in, result out."""

__all__ = [
    "UNKNOWN",
    "Cancelled",
    "Change",
    "Failure",
    "Gone",
    "Invoke",
    "OperationContext",
    "PartialFailure",
    "Properties",
    "ProviderError",
    "Resource",
    "type_of",
]
