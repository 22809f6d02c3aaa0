"""Times the local stack: a fresh up, an up that changes nothing, a preview, a down.

The anchor of the same run is an `up` of an empty Pulumi project with the same engine and the same Python: it is what
the engine, the language host and `import pulumi` cost before a single resource of ours. Ratios to it travel between
machines; seconds do not.

Usage: make bench-up   (or: python -m bench.up [--json])
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    rows = measure()
    if "--json" in sys.argv[1:]:
        print(json.dumps(rows, indent=2))
        return
    print(f"{'what':<28}{'seconds':>9}{'ratio':>9}")
    for what, seconds in rows.items():
        print(f"{what:<28}{seconds:>9.2f}{seconds / rows['anchor: empty project']:>9.1f}")


def measure() -> dict[str, float]:
    tools("down.sh", "local")
    rows = {"anchor: empty project": empty_project()}
    rows["up, from nothing"] = timed(lambda: tools("up.sh", "local"))
    rows["up, nothing changed (engine)"] = min(timed(engine_up) for _ in range(3))
    rows["preview, nothing changed"] = min(timed(lambda: tools("preview.sh", "local")) for _ in range(3))
    rows["down"] = timed(lambda: tools("down.sh", "local"))
    return rows


def engine_up() -> None:
    tools(
        "stack.sh",
        "local",
        "pulumi",
        "up",
        "-s",
        "local",
        "--yes",
        "--skip-preview",
        "--non-interactive",
        "--expect-no-changes",
    )


def empty_project() -> float:
    """Seconds of an `up` of a project without resources, once it exists."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        (project / "Pulumi.yaml").write_text("name: empty\nruntime: python\n")
        (project / "__main__.py").write_text("import pulumi\n")
        (project / "state").mkdir()
        environment = {
            **os.environ,
            "PATH": f"{ROOT / '.venv' / 'bin'}:{pulumi_folder()}:{os.environ['PATH']}",
            "PULUMI_HOME": str(project / "home"),
            "PULUMI_BACKEND_URL": f"file://{project / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "empty",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        pulumi = ["pulumi", "--cwd", folder, "--non-interactive"]
        run([*pulumi, "stack", "init", "empty"], environment)
        up = [*pulumi, "up", "-s", "empty", "--yes", "--skip-preview"]
        run(up, environment)
        return min(timed(lambda: run(up, environment)) for _ in range(3))


def pulumi_folder() -> str:
    lines = (ROOT / ".local" / "tools" / "env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)["EDGEWAY_PULUMI"]


def tools(script: str, *arguments: str) -> None:
    run([str(ROOT / "tools" / script), *arguments], dict(os.environ))


def run(command: list[str], environment: dict[str, str]) -> None:
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{result.stdout[-2000:]}{result.stderr[-2000:]}")


def timed(act: Callable[[], None]) -> float:
    begin = time.perf_counter()
    act()
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
