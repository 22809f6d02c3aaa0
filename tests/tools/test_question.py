"""The question that dev and prod ask before they change, on a terminal and without one."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
from pathlib import Path

import pytest

from clone.root import ROOT

ASK = """
. tools/lib.sh; stack=dev; . tools/forecast.sh
echo 'Registry registry' > "$work/preview.txt"
if agreed; then echo agreed; else echo refused; fi
"""


def environment(**more: str) -> dict[str, str]:
    return {**{name: value for name, value in os.environ.items() if name not in ("CI", "YES")}, **more}


def answer(typed: str, **more: str) -> tuple[str, str]:
    """What the script prints, and what it asks, to somebody who types that."""
    ours, theirs = pty.openpty()
    os.write(ours, typed.encode())
    script = subprocess.run(
        ["bash", "-c", ASK],
        cwd=ROOT,
        env=environment(**more),
        stdin=theirs,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    os.close(ours)
    os.close(theirs)
    return script.stdout, script.stderr


@pytest.mark.parametrize(("typed", "verdict"), [("y\n", "agreed"), ("\n", "refused"), ("n\n", "refused")])
def test_only_a_yes_is_a_yes(typed: str, verdict: str) -> None:
    said, _ = answer(typed)
    assert said == f"{verdict}\n"


def test_every_resource_is_shown_to_who_asks_for_it_and_the_question_comes_again() -> None:
    said, asked = answer("d\ny\n")
    assert "Registry registry" in asked
    assert said == "agreed\n"


@pytest.mark.parametrize("variable", [{"YES": "1"}, {"CI": "true"}])
def test_a_run_that_has_said_yes_is_not_asked(variable: dict[str, str]) -> None:
    assert answer("", **variable) == ("agreed\n", "")


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_where_nobody_can_be_asked_nothing_is_begun_and_the_way_out_is_named(stack: str) -> None:
    before = {path.name: path.read_bytes() for path in ROOT.glob("Pulumi*.yaml")}
    script = subprocess.run(
        ["tools/up.sh", stack],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert script.returncode == 1
    assert script.stderr.startswith(f"error: there is nobody to ask whether '{stack}' may change.")
    assert "YES=1" in script.stderr
    assert before == {path.name: path.read_bytes() for path in ROOT.glob("Pulumi*.yaml")}


def test_the_folder_of_a_run_ends_with_it(tmp_path: Path) -> None:
    answer("y\n", TMPDIR=str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_what_is_kept_first_is_folded_for_the_terminal_that_it_is_printed_on() -> None:
    fold = '. tools/lib.sh; stack=dev; . tools/forecast.sh; echo "folds: ${fold[*]}"'
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 77, 0, 0))
    shell = ["setsid", "--ctty", "--wait", "bash", "-c", fold]
    subprocess.run(shell, cwd=ROOT, stdin=theirs, stdout=theirs, timeout=60, check=True)
    os.close(theirs)
    assert os.read(ours, 4096).decode() == "folds: --columns 77\r\n"
    os.close(ours)
    piped = subprocess.run(["bash", "-c", fold], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert piped.stdout == "folds: \n"


def test_what_a_script_says_is_folded_between_words_on_a_terminal_alone() -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 50, 0, 0))
    words = " ".join(f"word{number}" for number in range(20))
    says = ["bash", "-c", '. tools/lib.sh; say "$1"', "says", words]
    subprocess.run(says, cwd=ROOT, stderr=theirs, stdin=subprocess.DEVNULL, timeout=60, check=True)
    os.close(theirs)
    told = os.read(ours, 4096).decode()
    os.close(ours)
    assert max(map(len, told.splitlines())) <= 50
    assert told.split() == words.split()
    piped = subprocess.run(says, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert piped.stderr == f"{words}\n"
