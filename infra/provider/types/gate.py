"""`mledge:docker:Gate`: a model's image, let through once it has loaded it and answered its golden examples.

The image's own start path runs with `--check`, within the smallest limits of the model's places. That it passed is said
in the registry by a second tag of the same manifest, so it runs once for an image and its limits, on whatever machine:
who finds the tag needs no Docker. Everything that serves the model takes `ref` from here and never from the image.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Any

from msgspec import Meta

from clone import digests
from contracts.limits import BatchRows, BodyLimitMb, LatencyMs, MemoryMb
from infra.provider.gone import gone_if_missing
from infra.provider.inputs import Inputs, text
from infra.provider.services.check_container import CheckLimits, Finding, run_check
from infra.provider.services.container_registry import ContainerRegistry
from infra.provider.services.docker_engine import engine, engine_answers, have_image
from pluginbase.resource import Failure, Gone, OperationContext, Properties, ProviderError, Resource

GATE_VERSION = 1
"""Counts up where the gate asks more of an image than it did: each is then run once more."""
_TAG_LENGTH = 12
_MEASURED = ("memoryPeakMb", "startedInSeconds", "latencyMs")


class GateInputs(Inputs, frozen=True):
    ref: Annotated[
        str,
        text(
            r"[A-Za-z0-9.-]+(:\d{1,5})?/[a-z0-9._/-]+@sha256:[0-9a-f]{64}",
            "login server/repository@sha256:... is wanted",
        ),
    ]
    memory_mb: MemoryMb
    timeout_ms: LatencyMs
    body_limit_mb: BodyLimitMb = 1
    batch_rows: BatchRows = 1
    start_seconds: Annotated[int, Meta(ge=1, le=3600)] = 20
    network: bool = False
    version: Annotated[int, Meta(ge=1)] = GATE_VERSION

    @property
    def login_server(self) -> str:
        return self.ref.partition("/")[0]

    @property
    def repository(self) -> str:
        return self.ref.partition("/")[2].partition("@")[0]

    @property
    def image_digest(self) -> str:
        return self.ref.partition("@")[2]

    @property
    def limits(self) -> CheckLimits:
        return CheckLimits(
            memory_mb=self.memory_mb,
            timeout_ms=self.timeout_ms,
            body_limit_mb=self.body_limit_mb,
            batch_rows=self.batch_rows,
            start_seconds=self.start_seconds,
            network=self.network,
        )

    @property
    def tag(self) -> str:
        digest = digests.of_gate(
            image_digest=self.image_digest,
            memory_mb=self.memory_mb,
            timeout_ms=self.timeout_ms,
            start_seconds=self.start_seconds,
            network=self.network,
            version=self.version,
            body_limit_mb=self.body_limit_mb,
            batch_rows=self.batch_rows,
        )
        return f"gate-{digest[:_TAG_LENGTH]}"

    @property
    def measured_tag(self) -> str:
        """A manifest that holds nothing but what was measured, as the image's own may not change."""
        return f"{self.tag}.measured"


class Gate(Resource):
    token = "mledge:docker:Gate"  # noqa: S105 - a resource type

    def check(self, ctx: OperationContext, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        return GateInputs.check(news)

    def create(self, ctx: OperationContext, inputs: Properties) -> tuple[str, Properties]:
        given = GateInputs.of(inputs)
        return given.repository, {**inputs, **_let_through(ctx, given)}

    def update(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> Properties:
        return {**news, **_let_through(ctx, GateInputs.of(news))}

    def read(
        self, ctx: OperationContext, id: str, inputs: Properties, state: Properties
    ) -> tuple[str, Properties, Properties]:
        """Gone where the registry no longer says that it passed: the next `up` runs it again."""
        given = GateInputs.of(inputs)
        with gone_if_missing():
            if not _has_passed(ContainerRegistry(ctx, given.login_server), given):
                raise Gone
        return id, inputs, state

    def delete(self, ctx: OperationContext, id: str, inputs: Properties, state: Properties) -> None:
        """The tag is the image's, and goes with it."""
        given = GateInputs.of(inputs)
        registry = ContainerRegistry(ctx, given.login_server)
        with suppress(Gone), gone_if_missing():
            measured = registry.digest(given.repository, given.measured_tag)
            if measured is not None:
                registry.delete(given.repository, measured)


def _let_through(ctx: OperationContext, given: GateInputs) -> Properties:
    """What was measured, now or when it passed before; raises ProviderError where it does not pass."""
    registry, repository = ContainerRegistry(ctx, given.login_server), given.repository
    ctx.status(f"looking for {repository}:{given.tag}")
    if _has_passed(registry, given):
        known = registry.annotations(repository, given.measured_tag)
        # a destroy that was cut off has taken what was measured, and not yet the image with its tag
        if known is not None or not engine_answers():
            ctx.log(f"{repository}:{given.tag} is in the registry: it passed the gate before, and is not run again")
            return _numbers(known or {})
    found = _run(ctx, registry, given)
    if not found.passed:
        raise ProviderError(
            f"{repository} does not pass the gate: {found.reason}\n"
            "Nothing that serves this model was changed: its registered model, places and devices are as before."
        )
    if found.examples == 0:
        ctx.log(f"{repository} has no golden example: the gate has loaded it and asked it nothing", "warning")
    if found.device:
        ctx.log(
            f"{repository} has passed the gate on the {found.device.upper()}; what it says on a GPU nobody has asked"
        )
    measured = dict(zip(_MEASURED, (found.memory_mb, found.start_seconds, found.latency_ms), strict=True))
    registry.annotate(repository, given.measured_tag, {name: str(value) for name, value in measured.items()})
    registry.tag(repository, given.image_digest, given.tag)
    return measured


def _run(ctx: OperationContext, registry: ContainerRegistry, given: GateInputs) -> Finding:
    purpose = f"The gate runs {given.repository} there, which has not passed it with these limits"
    with engine(purpose) as client:
        have_image(ctx, client, given.ref, registry.docker_auth)
        ctx.status(f"asking {given.repository} its golden examples")
        return run_check(ctx, client, given.ref, given.limits)


def _has_passed(registry: ContainerRegistry, given: GateInputs) -> bool:
    return registry.digest(given.repository, given.tag) == given.image_digest


def _numbers(measured: dict[str, str]) -> dict[str, Any]:
    """Without those that are not there."""
    return {name: float(measured[name]) for name in _MEASURED if name in measured}
