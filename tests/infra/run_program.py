"""Runs the program under strict mocks in a process of its own and writes what it registered as JSON.

    python -m tests.infra.run_program STACK {preview,up} CLONE CONFIG_JSON OUT_JSON

A process each, because the root stack and its outputs live as long as the interpreter (pulumi 3.272).
"""

from __future__ import annotations

import gc

gc.disable()  # as infra/__main__.py does

import json  # noqa: E402
import logging  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402

import pulumi  # noqa: E402
from pulumi.runtime import mocks  # noqa: E402

from infra.program import main  # noqa: E402
from infra.settings import PROJECT  # noqa: E402
from tests.infra.strict import RecordingMonitor, StrictMocks  # noqa: E402


def run(stack: str, mode: str, clone: Path, config: dict[str, str]) -> dict[str, object]:
    strict = StrictMocks(preview=mode == "preview")
    monitor = RecordingMonitor(strict)
    messages: list[str] = []
    logger = logging.getLogger("program")
    logger.addHandler(_Keep(messages))
    mocks.set_mocks(strict, PROJECT, stack, preview=strict.preview, monitor=monitor, logger=logger)
    pulumi.runtime.set_all_config(config)
    pulumi.runtime.test(lambda: main(clone))()
    root = pulumi.runtime.get_root_resource()
    assert root is not None
    outputs: dict[str, object] = dict(root.outputs)
    return {
        "resources": [resource.record() for resource in monitor.registered.values()],
        "outputs": sorted(outputs),
        "messages": messages,
    }


class _Keep(logging.Handler):
    def __init__(self, messages: list[str]) -> None:
        super().__init__()
        self._messages = messages

    def emit(self, record: logging.LogRecord) -> None:
        self._messages.append(f"{record.levelname.lower()}: {record.getMessage()}")


if __name__ == "__main__":
    given, mode, clone, config_file, out = sys.argv[1:]
    try:
        result = run(given, mode, Path(clone), json.loads(Path(config_file).read_text()))
    except pulumi.RunError as refusal:
        result = {"refused": str(refusal)}
    Path(out).write_text(json.dumps(result, indent=1, sort_keys=True))
