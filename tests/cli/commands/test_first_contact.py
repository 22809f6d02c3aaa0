"""`edgeway first-contact`: which steps, what is printed and written, and the exit code."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.__main__ import main
from cli.first_contact import steps
from cli.first_contact.contact import Contact
from cli.first_contact.finding import NotAsked, Surprise
from cli.first_contact.step import Step
from clone.root import ROOT

GUID = "1b4e28ba-2fa1-41d2-883f-0016d3cca427"


def step(number: int, check: Callable[[Any], str]) -> Step:
    return Step(
        number=number,
        name=f"part{number}",
        does="asks",
        price="nothing" if number < 6 else "cents",
        limit_s=30,
        begin=lambda contact: contact,
        checks={f"P-{number}": check},
    )


def fine(state: Any) -> str:
    return f"subscription {GUID}"


def surprise(state: Any) -> str:
    raise Surprise(f"other than {GUID} | told")


def silence(state: Any) -> str:
    raise NotAsked("no network")


class Gone(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError(errno.EIO, "Input/output error")


class Known(Contact):
    subscription = GUID


@pytest.fixture
def asking(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., int]:
    """`asking(fine, surprise)(options...)`: a run with these as steps 0, 1, ..., and 7."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("cli.commands.first_contact.enter", lambda stack: None)
    monkeypatch.setattr(Contact, "of_stack", lambda stack, **given: Known(stack, {"edgeway:location": "westeurope"}))

    def run(*options: str, checks: tuple[Callable[[Any], str], ...] = (fine,)) -> int:
        made = [step(number, check) for number, check in enumerate(checks)]
        monkeypatch.setattr(steps, "STEPS", (*made, step(7, fine)))
        return main(["first-contact", "--stack", "dev", *options])

    return run


def written(file: str = "first-contact.json") -> dict[str, Any]:
    told: dict[str, Any] = json.loads(Path(file).read_text())
    return told


def test_all_as_expected_is_0_and_what_makes_something_is_left_out(
    asking: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert asking() == 0

    out, errors = capsys.readouterr()
    assert "all as expected: 1 row of docs/parity.md" in out
    assert "part7" not in out + errors
    assert GUID not in json.dumps(written())
    assert written()["steps"][0]["findings"][0]["outcome"] == "expected"


def test_a_surprise_is_1_and_names_its_row(asking: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert asking(checks=(surprise, fine)) == 1

    out = capsys.readouterr().out
    assert "a surprise: Azure contradicts the row `P-0` of docs/parity.md" in out
    assert "P-1" not in out


def test_what_could_not_be_asked_is_2(asking: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert asking(checks=(silence, fine)) == 2

    assert "1 could not be asked: P-0" in capsys.readouterr().out


def test_what_is_left_behind_is_2_and_not_called_unasked(
    asking: Callable[..., int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Known, "close", lambda contact: ["the vault: no right to purge"])

    assert asking() == 2

    assert capsys.readouterr().out.endswith(
        "left behind: the vault: no right to purge\nno surprise, but not all that was made is deleted\n"
    )


def test_a_terminal_that_is_gone_does_not_keep_it_from_deleting(
    asking: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a SIGHUP each print fails; the purge tells what it does before it does it."""
    closed: list[str] = []

    def close(contact: Known) -> list[str]:
        contact.tell("deleting")
        closed.append("all")
        return []

    def gone(state: Any) -> str:
        monkeypatch.setattr(sys, "stderr", Gone())
        monkeypatch.setattr(sys, "stdout", Gone())
        signal.raise_signal(signal.SIGHUP)
        return "not reached"

    monkeypatch.setattr(Known, "close", close)
    monkeypatch.setattr(
        Contact, "of_stack", lambda stack, **given: Known(stack, {"edgeway:location": "x"}, tell=given["tell"])
    )

    with contextlib.suppress(OSError):
        asking(checks=(gone,))

    assert closed == ["all"]


def test_the_issue_text_has_the_rows_and_no_ids(asking: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    asking("--keep-going", "--json", "told.json", checks=(fine, surprise))
    capsys.readouterr()

    assert main(["first-contact", "--report", "--json", "told.json"]) == 0

    text = capsys.readouterr().out
    assert text.startswith("# first-contact in westeurope: P-1\n")
    assert GUID not in text
    assert "| 1 part1 | `P-1` | surprise |" in text
    assert "\\| told |" in text


def test_the_issue_text_calls_nothing_expected_that_was_not_asked(
    asking: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    asking(checks=(fine, silence))
    capsys.readouterr()

    assert main(["first-contact", "--report"]) == 0

    assert capsys.readouterr().out.startswith("# first-contact in westeurope: no surprise, 1 row not asked\n")


def test_the_list_has_prices_and_limits_and_asks_nothing(
    asking: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert asking("--list", "--scratch") == 0

    assert "7 part7  cents    30 s     asks" in capsys.readouterr().out
    assert not Path("first-contact.json").exists()


def test_the_list_fits_the_screen_and_says_where_the_rest_is(
    asking: Callable[..., int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")

    assert asking("--list") == 0

    told = capsys.readouterr().out
    assert max(map(len, told.splitlines())) <= 40
    assert "7 part7" not in told
    assert "`--list --scratch`" in told


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--steps", "7"], "step 7 makes something in Azure: say --scratch"),
        (["--steps", "9"], "there is no step 9; there are 0 to 7"),
        (["--steps", "0-"], "numbers and ranges such as 0-5 or 1,3-4 are allowed"),
        (["--steps", "0-999"], "numbers and ranges"),
        (["--steps", "1-0"], "1-0 goes backwards: that is no step at all"),
        (["--list", "--stack", "nope"], "Pulumi.nope.yaml is missing"),
        (["--json", "nowhere/told.json"], "nowhere/told.json cannot be written: no folder 'nowhere'"),
        (["--json", "."], ". cannot be written: it is a folder"),
        (["--report", "--json", "none.json"], "none.json cannot be read: No such file or directory"),
    ],
)
def test_what_cannot_be_run_is_refused(
    asking: Callable[..., int], capsys: pytest.CaptureFixture[str], options: list[str], told: str
) -> None:
    assert asking(*options) == 2

    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{",
        '{"steps": []}',
        '{"steps": [1], "location": "x", "stack": 1}',
        "[" * 100_000,
        '{"steps": 5, "location": "x"}',
        '{"steps": [{}]}',
    ],
)
def test_a_file_of_another_kind_is_no_report(
    asking: Callable[..., int], capsys: pytest.CaptureFixture[str], text: str
) -> None:
    Path("other.json").write_text(text)

    assert asking("--report", "--json", "other.json") == 2

    assert "other.json was not written by `edgeway first-contact`" in capsys.readouterr().err


def test_what_is_left_behind_is_said_after_a_ctrl_c_too(
    asking: Callable[..., int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(state: Any) -> str:
        signal.raise_signal(signal.SIGINT)
        return "not reached"

    monkeypatch.setattr(Contact, "close", lambda self: ["the vault"])
    assert asking(checks=(interrupted,)) == 130
    assert "left behind: the vault" in capsys.readouterr().err


def test_a_ctrl_c_leaves_what_was_found(asking: Callable[..., int]) -> None:
    def interrupted(state: Any) -> str:
        signal.raise_signal(signal.SIGINT)
        return "not reached"

    assert asking(checks=(fine, interrupted)) == 130

    assert [step["name"] for step in written()["steps"]] == ["part0", "part1"]


@pytest.mark.slow
def test_commands_of_the_page_that_ask_nothing_run_as_they_stand() -> None:
    page = (ROOT / "docs" / "first-contact.md").read_text(encoding="utf-8")
    assert "edgeway first-contact --stack dev --list" in page

    command = [sys.executable, "-m", "cli", "first-contact", "--stack", "dev", "--list"]
    child = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    # the page's table and the command's name the same steps
    steps_of_page = [
        line.split("|")[1].strip() for line in page.splitlines() if line.startswith("| ") and line[2].isdigit()
    ]
    listed = [line.split("  ")[0].strip() for line in child.stdout.splitlines() if line[0].isdigit()]
    assert listed == steps_of_page[: len(listed)]
