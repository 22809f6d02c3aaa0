"""Runs `--check` of a scoring image in a container that gets nothing but its limits, and reads what it says.

https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerCreate
No folder is mounted and the verdict comes over the attached output, so that the engine may be on another machine. The
engine removes the container as soon as it ends, and its own deadline ends it: nothing is left of a killed provider.
What cannot be ended by itself (a process that hangs within the kernel, say) is removed by the next run.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clone.root import ROOT
from pluginbase.resource import OperationContext, ProviderError

if TYPE_CHECKING:
    from docker import APIClient

LABEL_CHECK = "edgeway.check"
"""Its value: when the container is to be gone, in seconds since 1970."""
LABEL_CLONE = "edgeway.clone"
"""Its value: the folder of the clone that runs the check."""
_USER = "10001:10001"
_PIDS = 256
_ONE_CPU = 1_000_000_000
_GRACE_SECONDS = 6.0
"""On top of the check's own deadline, for the engine to start and end the container."""
_LAST_LINES, _MOST_BYTES = 8, 64 * 1024
_KILLED = 137


@dataclass(frozen=True, kw_only=True)
class CheckLimits:
    memory_mb: int
    timeout_ms: int
    """Of one answer."""
    body_limit_mb: int
    batch_rows: int
    start_seconds: int
    """Of everything."""
    network: bool


@dataclass(frozen=True, kw_only=True)
class Finding:
    passed: bool
    reason: str = ""
    examples: int = 0
    memory_mb: float = 0.0
    start_seconds: float = 0.0
    latency_ms: float = 0.0
    device: str = ""
    """What the model computed on, where the image has more than the CPU."""


def run_check(ctx: OperationContext, client: APIClient, ref: str, limits: CheckLimits) -> Finding:
    """Raises Cancelled at a Ctrl-C, and ProviderError where the engine cannot run it."""
    _sweep(client)
    with _created(ctx, client, ref, limits) as container:
        process = _Process(client, container)
        deadline = time.monotonic() + limits.start_seconds + _GRACE_SECONDS
        while process.runs:
            if time.monotonic() > deadline:
                return Finding(
                    passed=False, reason=f"it has not ended after {limits.start_seconds} s (startSeconds of its gate)"
                )
            ctx.wait(0.05)
    return _finding(process, limits)


@contextmanager
def _created(ctx: OperationContext, client: APIClient, ref: str, limits: CheckLimits) -> Iterator[str]:
    from docker.errors import APIError

    command = client.inspect_image(ref)["Config"]["Cmd"] or []  # type: ignore[no-untyped-call]
    until = int(time.time() + limits.start_seconds + _GRACE_SECONDS)
    try:
        made = client.create_container(
            ref,
            [*command, "--check"],
            environment={
                "SCORING_TIMEOUT_MS": str(limits.timeout_ms),
                "SCORING_MAX_BODY_BYTES": str(limits.body_limit_mb * 1024 * 1024),
                "BATCH_MAX": str(limits.batch_rows),
                "SCORING_CHECK_SECONDS": str(limits.start_seconds),
                "SCORING_DEVICE": "cpu",  # the engine need not have a GPU, and a place may not
            },
            labels={LABEL_CHECK: str(until), LABEL_CLONE: str(ROOT)},
            user=_USER,
            host_config=_confined(client, limits),
        )
    except APIError as error:
        raise ProviderError(f"the Docker engine refuses to run {ref}: {error.explanation or error}") from error
    for warning in made.get("Warnings") or ():
        ctx.log(f"the Docker engine on the gate's container: {warning}", "warning")
    try:
        yield str(made["Id"])
    finally:
        _remove(client, str(made["Id"]))


def _confined(client: APIClient, limits: CheckLimits) -> Any:
    from docker.types import LogConfig

    memory = limits.memory_mb * 1024 * 1024
    return client.create_host_config(
        auto_remove=True,
        network_mode=None if limits.network else "none",
        read_only=True,
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        mem_limit=memory,
        memswap_limit=memory,  # the same as the memory: no swap
        pids_limit=_PIDS,
        nano_cpus=_ONE_CPU,
        # what it says is read from its attached output; a log on the engine's disk would have no bound
        log_config=LogConfig(type="none"),
    )


class _Process:
    """A container's only process, started: what it says, and how it ends."""

    def __init__(self, client: APIClient, container: str) -> None:
        self._client = client
        self._container = container
        self._said, self._told = bytearray(), bytearray()
        self.exit_code: int | None = None
        # both before the start: a container that has ended is gone at once, and so is what it said
        output = client.attach(container, stdout=True, stderr=True, stream=True, demux=True)
        self._threads = [
            threading.Thread(target=self._wait, daemon=True, name="gate-exit"),
            threading.Thread(target=self._read, args=(output,), daemon=True, name="gate-output"),
        ]
        for thread in self._threads:
            thread.start()
        client.start(container)

    @property
    def runs(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    @property
    def verdict(self) -> dict[str, Any] | None:
        """None where it ended without one."""
        try:
            verdict = json.loads(self._said)
        except (ValueError, RecursionError):
            return None
        return verdict if isinstance(verdict, dict) and "passed" in verdict else None

    @property
    def last_lines(self) -> str:
        lines = [line.rstrip() for line in self._told.decode(errors="replace").splitlines() if line.strip()]
        return "\n".join(f"  {line}" for line in lines[-_LAST_LINES:])

    def _read(self, output: Iterator[tuple[bytes | None, bytes | None]]) -> None:
        for said, told in output:
            self._said += (said or b"")[: _MOST_BYTES - len(self._said)]  # a verdict is short
            self._told += told or b""
            del self._told[:-_MOST_BYTES]

    def _wait(self) -> None:
        from docker.errors import APIError

        with suppress(APIError):
            self.exit_code = int(self._client.wait(self._container, condition="next-exit")["StatusCode"])


def _finding(process: _Process, limits: CheckLimits) -> Finding:
    verdict = process.verdict
    if verdict is None:
        return Finding(passed=False, reason=_end(process, limits))
    return Finding(
        passed=verdict["passed"] is True,
        reason=str(verdict.get("reason", "")),
        examples=int(verdict.get("examples", 0)),
        memory_mb=float(verdict.get("memoryMb", 0)),
        start_seconds=float(verdict.get("startSeconds", 0)),
        latency_ms=float(verdict.get("latencyMs", 0)),
        device=str(verdict.get("device", "")),
    )


def _end(process: _Process, limits: CheckLimits) -> str:
    if process.exit_code == _KILLED:
        return (
            f"it was killed at {limits.memory_mb} MB, which is the least memory that a place gives this model. Give "
            "that place more, or load less"
        )
    return f"its process ended with exit code {process.exit_code} and without a verdict\n{process.last_lines}".rstrip()


def _sweep(client: APIClient) -> None:
    """Removes what should have ended by now, of whichever run."""
    for one in client.containers(all=True, filters={"label": LABEL_CHECK}):
        until = str(one["Labels"].get(LABEL_CHECK, ""))
        if until.isdigit() and int(until) < time.time():
            _remove(client, str(one["Id"]))


def _remove(client: APIClient, container: str) -> None:
    """Also where it is gone, or the engine is about to remove it."""
    from docker.errors import APIError

    with suppress(APIError):
        client.remove_container(container, force=True)
