"""Whatever a page, a message or a script calls `edgeway ...` is a command that there is, with options that it has."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.__main__ import COMMANDS
from cli.command import parser_of

ROOT = Path(__file__).resolve().parents[2]
MENTION = re.compile(r"(?:`|\.venv/bin/|in_stack )edgeway ([^`\n#|>]*)")
# docs/errors.md shows refused commands, and its own test runs them; cli/command.py speaks of commands in general
APART = ("tests/", "CHANGELOG.md", "docs/errors.md", "cli/command.py", "cli/__main__.py")


def mentions(root: Path = ROOT) -> Iterator[tuple[str, str]]:
    listed = subprocess.run(
        ["git", "ls-files", "*.md", "*.py", "*.sh", "Makefile"], cwd=root, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.split():
        if not name.startswith(APART) and (root / name).is_file():
            for found in MENTION.finditer((root / name).read_text(encoding="utf-8")):
                yield name, found[1].strip()


def problem(text: str) -> str | None:
    parser: argparse.ArgumentParser = parser_of(COMMANDS)
    words = text.split()
    while (choices := _choices(parser)) is not None:
        if not words or words[0] not in choices:
            # `edgeway device` alone speaks of the group
            return f"{' '.join(words)!r} is no command" if words else None
        parser = choices[words.pop(0)]
    known = parser._option_string_actions  # argparse has no public list of them
    unknown = [word for word in words if word.startswith("--") and word.partition("=")[0] not in known]
    return f"{parser.prog} has no {' '.join(unknown)}" if unknown else None


def _choices(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser] | None:
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return dict(groups[0].choices) if groups else None


def test_every_command_that_is_mentioned_is_there() -> None:
    found = list(mentions())
    assert len(found) > 40
    wrong = [f"{name}: edgeway {text}: {why}" for name, text in found if (why := problem(text))]
    assert wrong == []


ON_THE_PATH = 'eval "$(.venv/bin/edgeway env --stack dev)"'


@pytest.mark.slow
@pytest.mark.parametrize("page", ["azure.md", "first-contact.md"])
def test_a_page_of_bare_commands_says_first_how_a_shell_finds_them(page: str, tmp_path: Path) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert "```sh" not in text.partition(ON_THE_PATH)[0]

    command = [sys.executable, "-m", "cli", "env", "--stack", "dev"]
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    told = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout
    assert f"export PATH={ROOT}/.venv/bin:" in told


@pytest.mark.parametrize("text", ["scores --count 5", "monitor --number 5", "device reboot edge-01"])
def test_a_command_that_is_not_there_is_seen(text: str) -> None:
    assert problem(text) is not None
