"""`python -m tools.serving_locks --uv PATH`: the lock of each model whose entry script brings packages (serving.in).

    --check     makes nothing: exit code 1 and a line for each lock that is missing or stale (`make lint`)

Resolved for the scoring image's Python and platform, wheels only, with the server's own lock as constraints.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from clone.errors import CloneError
from clone.packages.serving import SERVER_LOCK, SERVING_IN, check_packages, heading, models_with_packages
from clone.root import ROOT
from contracts.card import SERVING_LOCK

OPTIONS = (
    *("--generate-hashes", "--no-emit-index-url", "--no-header", "--quiet", "--only-binary", ":all:"),
    *("--python-version", "3.11", "--python-platform", "x86_64-manylinux_2_28"),
)


def main(argv: Sequence[str] | None = None, root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.serving_locks", description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--uv", metavar="PATH", help="resolve with this uv")
    what.add_argument("--check", action="store_true")
    arguments = parser.parse_args(argv)
    folders = sorted(path.name for path in (root / "models").iterdir() if path.is_dir())
    errors = _stale(root, folders) if arguments.check else _resolved(root, arguments.uv)
    for error in errors:
        print(f"error: {error}", file=sys.stderr)
    return bool(errors)


def _stale(root: Path, models: Sequence[str]) -> list[str]:
    errors = []
    for model in models:
        try:
            check_packages(root, model)
        except CloneError as error:
            errors.append(str(error))
    return errors


def _resolved(root: Path, uv: str) -> list[str]:
    return [error for model in models_with_packages(root) if (error := _resolve(root, model, uv)) is not None]


def _resolve(root: Path, model: str, uv: str) -> str | None:
    folder = Path("models") / model
    command = [uv, "pip", "compile", str(folder / SERVING_IN), "--constraints", SERVER_LOCK, *OPTIONS]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return f"{folder / SERVING_IN} does not go with the scoring image's packages ({SERVER_LOCK}):\n{done.stderr}"
    (root / folder / SERVING_LOCK).write_text(f"{heading(root, model)}\n{done.stdout}", encoding="utf-8")
    return None


if __name__ == "__main__":
    sys.exit(main())
