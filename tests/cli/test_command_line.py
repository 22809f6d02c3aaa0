from __future__ import annotations

import subprocess
import sys

import pytest

from cli.__main__ import COMMANDS, main
from cli.command import Command, parser_of

NAMES = [
    name
    for entry in COMMANDS
    for name in (
        [entry.name] if isinstance(entry, Command) else [f"{entry.name} {command.name}" for command in entry.commands]
    )
]


@pytest.mark.parametrize("command", NAMES)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit:
        parser_of(COMMANDS).parse_args([*command.split(), "--help"])
    assert exit.value.code == 0
    assert "usage: edgeway" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["monitor", "--count", "0"],
        ["monitor", "--timeout", "-1"],
        ["monitor", "--count", "1_0"],
        ["monitor", "--timeout", "\u0663"],
        ["nothing"],
        [],
        ["device"],
        ["device", "config", "x"],
    ],
)
def test_a_bad_command_line_exits_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as exit:
        main(arguments)
    assert exit.value.code == 2


def test_an_unknown_stack_exits_with_2_and_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["env", "--stack", "nowhere"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("edgeway: stack 'nowhere': Pulumi.nowhere.yaml is missing; there are: ")
    assert error.count("\n") == 1


def test_the_entry_point_starts() -> None:
    result = subprocess.run([sys.executable, "-m", "cli", "--help"], capture_output=True, text=True, check=False)
    assert (result.returncode, "doctor" in result.stdout) == (0, True)


def test_the_command_line_starts_without_what_only_one_command_needs() -> None:
    """`tools/stack.sh` starts it before every other command: SDKs and TLS are loaded by the command that uses them."""
    heavy = ("azure", "cloud.arm", "contracts.card", "docker", "edge", "http.client", "importlib.metadata", "yaml")
    probe = f"import sys, cli.__main__; print([name for name in {heavy!r} if name in sys.modules])"
    result = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}; {probe}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == "[]\n"


def test_a_default_stack_with_a_percent_sign_is_shown_as_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EDGEWAY_STACK", "50%(x)s")
    with pytest.raises(SystemExit) as exit:
        main(["data", "--help"])
    assert (exit.value.code, "(default 50%(x)s)" in capsys.readouterr().out) == (0, True)


def test_a_url_that_cannot_be_read_exits_with_2_and_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "https://[::1"]) == 2
    assert capsys.readouterr().err == (
        "edgeway: scoring URL 'https://[::1' is refused (Invalid IPv6 URL); https://host/path is wanted\n"
    )


READING = """
import atexit, sys, threading
from cli import __main__ as cli
def main():
    if daemon is not None:
        threading.Thread(target=threading.Event().wait, daemon=daemon, args=(0.5,)).start()
    print("shown", end="")
    print("told", end="", file=sys.stderr)
    if fails:
        raise RuntimeError("nobody catches this")
    return 3
cli.main = main
atexit.register(lambda: print(", then the interpreter's end", end=""))
cli.command()
"""


@pytest.mark.parametrize(
    ("daemon", "output"),
    [(True, "shown"), (False, "shown, then the interpreter's end"), (None, "shown, then the interpreter's end")],
)
def test_a_process_in_which_a_thread_still_reads_ends_without_the_interpreters_own_end(
    daemon: bool | None, output: str
) -> None:
    script = f"daemon, fails = {daemon}, False\n{READING}"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (3, output, "told")


def test_so_does_one_that_ends_by_an_exception() -> None:
    script = f"daemon, fails = True, True\n{READING}"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (1, "shown")
    assert result.stderr.startswith("toldTraceback ")
    assert result.stderr.endswith("RuntimeError: nobody catches this\n")
