"""Times the program as the engine starts it: `python -m dryrun STACK {preview,up} CLONE`, the whole process."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from dryrun.clone import stack_config
from dryrun.program import run


def main() -> None:
    match sys.argv[1:]:
        case [stack, ("preview" | "up") as mode, clone]:
            _run(stack, mode, clone)
        case _:
            sys.exit(f"usage: {__doc__}")


def _run(stack: str, mode: str, clone: str) -> None:
    result = run(stack, mode, Path(clone), stack_config(stack))
    sys.stdout.write(json.dumps({key: len(value) for key, value in result.items()}) + "\n")


if __name__ == "__main__":
    main()
