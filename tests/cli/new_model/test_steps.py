"""A step that looks at an untrusted file is ended by its deadline and its memory, and sees no credentials."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from cli.errors import Failed, Refused
from cli.new_model.steps import Limits, step
from clone.root import ROOT
from tests.waiting import eventually

pytestmark = pytest.mark.slow

LIMITS = Limits(memory_gib=1, seconds=30)


def program(root: Path, text: str) -> None:
    (root / "looks.py").write_text(text)


def look(root: Path, limits: Limits = LIMITS) -> dict[str, object]:
    return step("file", what="reading the file", module="looks", limits=limits, root=root, given={"a": 1})


def test_the_last_line_is_the_answer_and_what_is_given_comes_by_stdin(tmp_path: Path) -> None:
    program(tmp_path, "import sys; print('noise'); print(sys.stdin.read())")
    assert look(tmp_path) == {"a": 1}


def test_the_environment_holds_no_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "hush")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy")
    program(tmp_path, "import json, os; print(json.dumps(dict(os.environ)))")
    assert {"AZURE_CLIENT_SECRET", "HTTPS_PROXY", "HOME"} & set(look(tmp_path)) == set()


def test_a_step_that_does_not_end_is_ended(tmp_path: Path) -> None:
    program(tmp_path, "import time; time.sleep(600)")
    with pytest.raises(Failed, match=r"reading the file took longer than 0.5 s and was ended"):
        look(tmp_path, Limits(memory_gib=1, seconds=0.5))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("from models.new import limits; limits.apply(); bytearray(3 * 1024**3)", "MemoryError.* may use 1 GiB"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "ended by SIGSEGV"),
        ("1/0", "reading the file failed: ZeroDivisionError: division by zero"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGRTMIN + 6)", r"ended by signal \d+"),
        ("import os; os._exit(0)", "reading the file ended early, with exit code 0 and without an answer"),
        ("import os; os._exit(2)", "ended early, with exit code 2 and without an answer"),
        ("print('[1]')", "ended early, with exit code 0"),
    ],
)
def test_a_step_that_dies_says_how(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "models").symlink_to(Path(__file__).parents[3] / "models")
    program(tmp_path, text)
    with pytest.raises(Failed, match=reason):
        look(tmp_path)


def test_what_a_step_has_started_ends_with_it(tmp_path: Path) -> None:
    program(
        tmp_path,
        "import json, subprocess as s; quiet = s.DEVNULL\n"
        "print(json.dumps({'pid': s.Popen(['sleep', '600'], stdin=quiet, stdout=quiet, stderr=quiet).pid}))",
    )
    left = Path("/proc", str(look(tmp_path)["pid"]), "stat")
    asyncio.run(eventually(lambda: has_ended(left), what="what the step started ends"))


def test_a_step_ends_with_the_process_that_asked_for_it_however_that_ends(tmp_path: Path) -> None:
    program(tmp_path, "import os, pathlib, time; pathlib.Path('pid').write_text(str(os.getpid())); time.sleep(600)")
    asks = "import sys, pathlib; from cli.new_model.steps import step; "
    asks += "step('file', what='reading', module='looks', root=pathlib.Path(sys.argv[1]))"
    asking = subprocess.Popen([sys.executable, "-c", asks, str(tmp_path)], cwd=ROOT)
    asyncio.run(eventually(lambda: has_text(tmp_path / "pid"), what="the step runs"))
    left = Path("/proc", (tmp_path / "pid").read_text(), "stat")
    asking.kill()
    asking.wait()
    asyncio.run(eventually(lambda: has_ended(left), what="the step ends"))


def has_text(file: Path) -> bool:
    return file.exists() and bool(file.read_text())


def has_ended(left: Path) -> bool:
    # nobody may be there who takes its exit code
    try:
        return left.read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_a_refusal_is_the_users(tmp_path: Path) -> None:
    program(tmp_path, f"import sys; print('''{json.dumps({'refused': 'no model'})}'''); sys.exit(2)")
    with pytest.raises(Refused, match="no model"):
        look(tmp_path)
