"""Runs each operation by the Azure CLI and writes what came of it: `-m judges.az.running` in the CLI's own Python."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import shlex
from pathlib import Path
from typing import Any

from azure.cli.core import get_default_cli  # type: ignore[import-untyped]  # of the CLI's Python

from judges.az.operation import Operation, ok, wrong
from judges.az.operations import GROUP, OPERATIONS


def main() -> None:
    """A wrong expectation must be seen first, else every other line is worth nothing."""
    values = _values()
    can_fail = [wrong({"a": 1}, {"a": 2}), wrong([], {"#": 1}), wrong({}, {"a.b": 1})]
    _write(ok("login --can-fail"), "passed" if all(can_fail) else "failed", repr(can_fail))
    for operation in OPERATIONS:
        answer, error = _asked(shlex.split(operation.command.format(**values)))
        if operation.command.startswith("identity create") and isinstance(answer, dict):
            values["principal"] = answer["principalId"]
        holds = {path: _filled(value, values) for path, value in operation.holds.items()}
        _judge(operation, wrong(answer, holds), error)


def _values() -> dict[str, str]:
    subscription = os.environ["AZURE_SUBSCRIPTION_ID"]
    file = Path(os.environ["AZURE_CONFIG_DIR"]) / "hello.txt"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("hello")
    return {
        "client": os.environ["AZURE_CLIENT_ID"],
        "secret": os.environ["AZURE_CLIENT_SECRET"],
        "tenant": os.environ["AZURE_TENANT_ID"],
        "deployer": os.environ["EDGEWAY_JUDGES_DEPLOYER"],
        "principal": "",
        "file": str(file),
        "scope": f"/subscriptions/{subscription}/resourceGroups/{GROUP}",
    }


def _filled(value: Any, values: dict[str, str]) -> Any:
    return value.format(**values) if isinstance(value, str) else value


def _asked(words: list[str]) -> tuple[Any, str]:
    """-> the answer, and what the CLI says where it fails."""
    told = io.StringIO()
    heard = logging.StreamHandler(told)
    heard.setLevel(logging.ERROR)
    logging.getLogger("cli").addHandler(heard)
    with contextlib.redirect_stderr(told):
        cli = get_default_cli()
        try:
            code = cli.invoke(words, out_file=io.StringIO())
        except SystemExit as ended:
            code = ended.code
    logging.getLogger("cli").removeHandler(heard)
    result = cli.result
    if code:
        problem = result.error if result is not None else None
        return None, f"exit code {code}: {type(problem).__name__}: {problem} {told.getvalue()}"
    return (result.result if result is not None else None), ""


def _judge(operation: Operation, problem: str, error: str) -> None:
    if operation.row:
        _write(operation, "refused" if error else "failed", error or "it was not refused")
    elif operation.refused:
        right = bool(error) and all(word in error for word in operation.refused)
        _write(operation, "passed" if right else "failed", error or "it was not refused")
    else:
        _write(operation, "failed" if error or problem else "passed", error or problem)


def _write(operation: Operation, outcome: str, told: str) -> None:
    line = {
        "client": operation.client,
        # without ids and secrets: as in the table of operations
        "operation": operation.command,
        "expected": operation.expected,
        "outcome": outcome,
        "told": "" if outcome == "passed" else told[:2000],
        "row": operation.row,
    }
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
