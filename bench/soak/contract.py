"""Requests that Schemathesis makes from what the service says of itself, and what it says of the answers.

It is code that we did not write: it reads `/swagger.json`, asks what fits and what does not, and holds every answer
against it: codes, content types, the schemas of answers and refusals, methods that are not there, the key.
https://schemathesis.readthedocs.io/en/stable/
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from bench.scoring import environments
from bench.scoring.environments import LOCAL
from bench.scoring.process import Running

CONFIG = Path(__file__).resolve().with_name("schemathesis.toml")
_GENERATED = re.compile(r"(\d+) generated")


def judged(one: Running, *, seed: int) -> list[str]:
    """What Schemathesis found; it prints its own report."""
    judge = environments.anchor("schemathesis")
    judge.make()
    folder = LOCAL / "schemathesis"
    folder.mkdir(parents=True, exist_ok=True)
    command = [
        str(judge.python.with_name("schemathesis")),
        f"--config-file={CONFIG}",
        "run",
        f"http://127.0.0.1:{one.port}/swagger.json",
        f"--seed={seed}",
    ]
    result = subprocess.run(
        command,
        cwd=folder,
        env={"PATH": str(judge.python.parent), "SCORING_KEY": one.server.key, "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    (folder / "report.txt").write_text(result.stdout + result.stderr)
    made = _GENERATED.search(result.stdout)
    print(f"Schemathesis: {made[1] if made else 'no'} cases, report in {folder / 'report.txt'}")
    if result.returncode != 0 or made is None:
        return [f"Schemathesis ended with {result.returncode}:\n{(result.stdout + result.stderr)[-3000:]}"]
    return []
