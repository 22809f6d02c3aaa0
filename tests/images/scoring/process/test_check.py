"""`python -m images.scoring --check` as a process: what would never be ready is told with the script's own lines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contracts.card import Golden
from images.scoring.__main__ import EXIT_USAGE
from tests.waiting import DEADLINE_S

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[4]
GOLDEN = (Golden(name="seven", input={"x": 7}, output={"y": 7}),)
GOOD = "import json\ndef init(): ...\ndef run(data): return {'y': json.loads(data)['x']}\n"
SAID = "(startSeconds of the model's gate, SCORING_CHECK_SECONDS)"
Scripted = Callable[..., Path]


def start(artifact: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bench.scoring.as_started", *arguments],
        cwd=ROOT,
        env={**os.environ, "SCORING_ARTIFACT": str(artifact), **environment},
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )


def checked(artifact: Path, **environment: str) -> dict[str, Any]:
    result = start(artifact, "--check", **environment)
    verdict: dict[str, Any] = json.loads(result.stdout)
    assert result.returncode == (0 if verdict["passed"] else 1), result.stderr
    return verdict


def test_what_would_become_ready_passes_and_is_measured(artifact: Path) -> None:
    verdict = checked(artifact)
    assert verdict["passed"] and "reason" not in verdict
    assert verdict["examples"] == 10
    assert 0 < verdict["latencyMs"] < 2000
    assert 0.1 < verdict["startSeconds"] < DEADLINE_S
    assert 30 < verdict["memoryMb"] < 1000


def test_what_a_script_prints_is_not_taken_for_the_verdict(scripted: Scripted) -> None:
    noisy = GOOD.replace("init(): ...", "init(): import os; print('{\"passed\": false}'); os.write(1, b'x')")
    assert checked(scripted(noisy, GOLDEN))["passed"]


FAULTS = {
    "wrong golden example": (
        GOOD.replace("['x']", "['x'] + 1"),
        "golden example 'seven' differs at $.y: expected 7, got 8",
    ),
    "exception in init": (
        "def init():\n    load()\n\ndef load():\n    raise RuntimeError('no licence')\n\ndef run(data): ...\n",
        "init() of score.py failed: RuntimeError: no licence (score.py, line 5, in load)\n"
        "  score.py, line 2, in init: load()\n"
        "  score.py, line 5, in load: raise RuntimeError('no licence')",
    ),
    "exception in run": (
        GOOD.replace("['x']", "['z']"),
        "golden example 'seven': run() of score.py failed: KeyError: 'z' (score.py, line 3, in run)\n"
        "  score.py, line 3, in run: def run(data): return {'y': json.loads(data)['z']}",
    ),
    "exception below a library": (
        GOOD.replace("loads(data)", "loads('{')"),
        "golden example 'seven': run() of score.py failed: JSONDecodeError: Expecting property name enclosed in double "
        "quotes: line 1 column 2 (char 1) (score.py, line 3, in run)",
    ),
    "no JSON": (
        GOOD.replace("{'y': json.loads(data)['x']}", "{1, 2}"),
        "golden example 'seven': run() returned set, which is no JSON\nObject of type set is not JSON serializable",
    ),
    "missing package": (
        f"import json\nimport nothing_like_this.at_all\n{GOOD}",
        "entry script score.py cannot be imported: ModuleNotFoundError: No module named 'nothing_like_this' "
        "(score.py, line 2); the image has no package 'nothing_like_this': name it in serving.in "
        "beside score.py, then make lock\n"
        "  score.py, line 2: import nothing_like_this.at_all",
    ),
    "a part of Python that is not there": (
        f"import json\nimport concurrent.nothing_like_this\n{GOOD}",
        "entry script score.py cannot be imported: ModuleNotFoundError: No module named 'concurrent.nothing_like_this' "
        f"(score.py, line 2); it is of Python's own library, which user {os.getuid()} may not read in "
        f"{sys.base_prefix}\n"
        "  score.py, line 2: import concurrent.nothing_like_this",
    ),
    "missing package, imported in init": (
        GOOD.replace("init(): ...", "init(): import nothing_like_this"),
        "init() of score.py failed: ModuleNotFoundError: No module named 'nothing_like_this' (score.py, line 2, in "
        "init); the image has no package 'nothing_like_this': name it in serving.in "
        "beside score.py, then make lock",
    ),
    "syntax error": (
        GOOD.replace("return", "retrun"),
        "entry script score.py cannot be imported: SyntaxError: invalid syntax (score.py, line 3)\n"
        "  def run(data): retrun {'y': json.loads(data)['x']}",
    ),
    "exit in run": (
        "import sys\ndef init(): ...\ndef run(data):\n    sys.exit('enough')\n",
        "golden example 'seven': run() of score.py failed: SystemExit: enough (score.py, line 4, in run)\n"
        "  score.py, line 4, in run: sys.exit('enough')",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_would_never_become_ready_is_told_with_the_scripts_own_lines(scripted: Scripted, fault: str) -> None:
    script, told = FAULTS[fault]
    verdict = checked(scripted(script, GOLDEN))
    assert not verdict["passed"]
    assert verdict["reason"].startswith(told)
    assert "Traceback" not in verdict["reason"]
    assert len(verdict["reason"].splitlines()) <= 8


def test_an_answer_slower_than_the_servers_own_limit_is_told_with_its_milliseconds(scripted: Scripted) -> None:
    slow = GOOD.replace("import json", "import json, time").replace("return", "time.sleep(.2); return")
    verdict = checked(scripted(slow, GOLDEN), SCORING_TIMEOUT_MS="150")
    before, _, after = verdict["reason"].partition(" is answered after ")
    assert before == "golden example 'seven'"
    took, _, allowed = after.partition(" ms; ")
    assert int(took) >= 200
    assert allowed == "150 ms are allowed"


def test_an_example_larger_than_a_body_may_be_is_told(scripted: Scripted) -> None:
    verdict = checked(scripted(GOOD, GOLDEN), SCORING_MAX_BODY_BYTES="6")
    assert verdict["reason"] == "golden example 'seven' has 7 bytes; 6 are allowed of a body"


def test_batches_of_a_script_that_takes_none_are_told(scripted: Scripted) -> None:
    verdict = checked(scripted(GOOD, GOLDEN), BATCH_MAX="8")
    assert verdict["reason"].startswith("BATCH_MAX is 8, allowed is 1")


def test_a_first_answer_may_be_slow_since_it_may_load_what_later_ones_have(scripted: Scripted) -> None:
    lazy = GOOD.replace("return", "time.sleep(late.pop() if late else 0); return")
    verdict = checked(scripted(f"import time\nlate = [2]\n{lazy}", GOLDEN), SCORING_TIMEOUT_MS="1500")
    assert verdict["passed"]
    assert verdict["latencyMs"] < 1500


def test_what_hangs_is_told_with_the_line_where_it_does(scripted: Scripted) -> None:
    hangs = "import time\ndef init():\n    time.sleep(600)\n\ndef run(data): ...\n"
    verdict = checked(scripted(hangs), SCORING_CHECK_SECONDS="3")
    assert verdict["reason"] == (
        f"loading score.py has not ended after 3 s {SAID}; it is at\n  score.py, line 3, in init: time.sleep(600)"
    )


def test_what_holds_pythons_lock_is_ended_too_and_told_with_its_line(scripted: Scripted) -> None:
    """`PyDLL` calls C without giving the lock up, as an extension's endless loop does: no other thread runs."""
    hangs = "import ctypes\ndef init():\n    ctypes.PyDLL(None).sleep(600)\n\ndef run(data): ...\n"
    verdict = checked(scripted(hangs), SCORING_CHECK_SECONDS="1")
    assert verdict["reason"] == (
        f"score.py has not ended after 1 s {SAID}, in code that lets no other thread run; it is at\n"
        "  score.py, line 3, in init: ctypes.PyDLL(None).sleep(600)"
    )


@pytest.mark.parametrize(("ends", "code"), [("os._exit(3)", 3), ("os.kill(os.getpid(), 9)", 137)])
def test_a_script_that_ends_the_process_gives_its_exit_code(scripted: Scripted, ends: str, code: int) -> None:
    result = start(scripted(f"import os\ndef init():\n    {ends}\ndef run(data): ...\n"), "--check")
    assert (result.returncode, result.stdout) == (code, "")


def test_another_argument_is_refused(artifact: Path) -> None:
    result = start(artifact, "--chek")
    assert (result.returncode, result.stderr) == (
        EXIT_USAGE,
        "error: --chek is not known; allowed: --check, or nothing\n",
    )
