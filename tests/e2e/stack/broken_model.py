"""A model's entry script with a fault in it, and what an `up` with it says and leaves as it was."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.docs.errors_page import told
from tests.e2e.stack.local_stack import LocalStack

MODEL = "anomaly"
_BUILT = ("docker:Image anomaly updated", "docker:Image anomaly created")
# What serves the model: none of it may change where the model does not pass.
_SERVING = (":RegisteredModel::", ":ContainerGroup::", ":EdgeDeployment::")


@dataclass(frozen=True)
class Fault:
    """`change`: text of the entry script -> what stands there instead, once each."""

    change: Mapping[str, str]
    says: tuple[str, ...]
    """In this order, in the one error."""


FAULTS: Mapping[str, Fault] = {
    "wrong golden example": Fault(
        {"anomaly=anomaly)": "anomaly=not anomaly)"},
        ("golden example 'normal-1' differs at $.anomaly: expected false, got true",),
    ),
    "exception in init": Fault(
        {"    global _session\n": "    global _session\n    raise RuntimeError('no licence')\n"},
        ("init() of score.py failed: RuntimeError: no licence (score.py, line ", "raise RuntimeError('no licence')"),
    ),
    "exception in run": Fault(
        {"features = np.array(": "features = np.arrray("},
        ("golden example 'normal-1': run() of score.py failed: AttributeError: ", "score.py, line ", "in run"),
    ),
    "missing package": Fault(
        {"import numpy as np\n": "import joblib\nimport numpy as np\n"},
        ("ModuleNotFoundError: No module named 'joblib' (score.py, line ", "the image has no package 'joblib'"),
    ),
    "syntax error": Fault(
        {"return answers if": "retrun answers if"},
        ("models/anomaly/score.py, line ", ": invalid syntax", "retrun answers if"),
    ),
    "memory over the place's limit": Fault(
        {"    global _session\n": "    global _session, _hog\n    _hog = b'x' * 700_000_000\n"},
        ("it was killed at 512 MB, which is the least memory that a place gives this model",),
    ),
    "answer slower than the limit": Fault(
        {"import os\n": "import os\nimport time\n", "    if not rows:\n": "    time.sleep(2.5)\n    if not rows:\n"},
        ("golden example 'normal-1' is answered after ", " ms; 2000 ms are allowed"),
    ),
}

CRASH = Fault(
    {
        "    global _session\n": "    global _session\n    if 'SCORING_SECRETS' in os.environ:\n"
        "        print('no licence in this place', flush=True)\n        os._exit(7)\n"
    },
    (
        "container group ci-",
        " is deployed and does not serve anomaly at https://",
        "crashes again and again",
        "container scorer is ",
        "ended last as Terminated (Error, exit code 7); its last lines:",
        "no licence in this place",
    ),
)
"""Only in a container group, so the gate lets it through."""


@contextmanager
def broken(stack: LocalStack, fault: Fault) -> Iterator[None]:
    """The entry script has the fault."""
    file = stack.root / "models" / MODEL / "score.py"
    before = file.read_text()
    text = before
    for old, new in fault.change.items():
        assert text.count(old) == 1, f"{file} has not {old!r} once"
        text = text.replace(old, new)
    try:
        file.write_text(text)
        yield
    finally:
        file.write_text(before)


def refused_up(stack: LocalStack) -> tuple[str, float]:
    """The one error of an `up` that must fail, and the seconds from the end of the build, or from its start where
    nothing was built."""
    up = ("pulumi", "up", "--stack", "local", "--yes", "--skip-preview", "--non-interactive", "--suppress-outputs")
    lines, since = [], time.monotonic()
    with stack.start(*up) as process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            if any(built in line for built in _BUILT):
                since = time.monotonic()
    seconds, output = time.monotonic() - since, "".join(lines)
    assert process.returncode == 1, output
    assert "Traceback" not in output
    (error,) = told(output)
    return error, seconds


def serving(stack: LocalStack) -> Mapping[str, Any]:
    """What serves the model as the state has it, and the containers that run it."""
    resources = json.loads(stack.pulumi("stack", "export").stdout)["deployment"]["resources"]
    rows = {
        one["urn"]: (one["id"], one["modified"], one.get("delete"))
        for one in resources
        if any(kind in one["urn"] for kind in _SERVING)
    }
    assert len(rows) >= len(_SERVING)
    return {**rows, "containers": _scorers(stack)}


def _scorers(stack: LocalStack) -> list[str]:
    """Ids of the running containers of the model, on the device and in the group."""
    command = ["docker", "ps", "--no-trunc", "--format", "{{.ID}} {{.Image}}"]
    command += ["--filter", f"label=edgeway.standin={stack.instance}", "--filter", "label=edgeway.image=scoring"]
    found = stack.command(*command).stdout.splitlines()
    assert len(found) >= 2, os.linesep.join(found)
    return sorted(found)
