"""Runs the program under strict mocks in this process, once: the root stack and its outputs live as long as the
interpreter (pulumi 3.272). `process.run_program` gives each run a process of its own.
"""

from __future__ import annotations

import gc

gc.disable()  # as infra/__main__.py does

import asyncio  # noqa: E402
import logging  # noqa: E402
from collections.abc import Sequence  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

import pulumi  # noqa: E402
from pulumi.runtime import mocks  # noqa: E402

from dryrun.computed import NOBODY, Client  # noqa: E402
from dryrun.strict import RecordingMonitor, StrictMocks  # noqa: E402
from infra.program import main  # noqa: E402
from infra.settings.tree import PROJECT  # noqa: E402


def run(
    stack: str,
    mode: str,
    clone: Path,
    config: dict[str, str],
    client: Client = NOBODY,
    secret_keys: Sequence[str] = (),
) -> dict[str, Any]:
    strict = StrictMocks(preview=mode == "preview", client=client)
    monitor = RecordingMonitor(strict)
    messages: list[str] = []
    logger = logging.getLogger("program")
    logger.addHandler(_Keep(messages))
    mocks.set_mocks(strict, PROJECT, stack, preview=strict.preview, monitor=monitor, logger=logger)
    pulumi.runtime.set_all_config(config, list(secret_keys))
    try:
        # mypy: the decorator is not typed
        pulumi.runtime.test(lambda: main(clone))()  # type: ignore[no-untyped-call]
    except pulumi.RunError as refusal:
        return {"refused": str(refusal), "registered": len(monitor.registered)}
    root = pulumi.runtime.get_root_resource()
    assert isinstance(root, pulumi.runtime.stack.Stack)
    return {
        "resources": [resource.record() for resource in monitor.registered.values()],
        "messages": messages,
        **_outputs(root.outputs),
    }


def _outputs(outputs: dict[str, object]) -> dict[str, object]:
    """Names, values and secrecy of the stack's outputs; the mock monitor is not told of them."""

    async def values() -> tuple[dict[str, object], list[str]]:
        known = {name: pulumi.Output.from_input(value) for name, value in outputs.items()}
        secret = [name for name, output in known.items() if await output.is_secret()]
        return {name: await output.future() for name, output in known.items()}, sorted(secret)

    known, secret = asyncio.run(values())
    return {"outputs": sorted(outputs), "output_values": known, "secret_outputs": secret}


class _Keep(logging.Handler):
    def __init__(self, messages: list[str]) -> None:
        super().__init__()
        self._messages = messages

    def emit(self, record: logging.LogRecord) -> None:
        self._messages.append(f"{record.levelname.lower()}: {record.getMessage()}")
