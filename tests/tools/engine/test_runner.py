"""The engine through tools.engine, as the scripts run it: its own tree on a terminal, lines anywhere else."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from tests.pluginbase.workspace import Workspace
from tools.engine.__main__ import command, follow, is_terminal, main, width
from tools.engine.lines import Lines

PASSWORD = "correct-horse-battery"
PROGRAM = f"""
import pulumi

class Box(pulumi.CustomResource):
    def __init__(self, name, properties):
        super().__init__("toy:index:Box", name, {{**properties, "serial": None, "token": None}})

pulumi.log.warn("boxes are made of cardboard")
size = pulumi.Config().require_int("size")
Box("outer", {{"name": "outer", "size": size, "password": pulumi.Output.secret("{PASSWORD}")}})
pulumi.export("caPem", "-----BEGIN CERTIFICATE-----")
"""
SETTINGS = "plugins: {providers: [{name: toy, path: ./plugin}]}\n"


@pytest.fixture
def shop(tmp_path: Path) -> Workspace:
    workspace = Workspace(tmp_path, PROGRAM, settings=SETTINGS)
    (tmp_path / "boxes").mkdir()
    workspace.environment.update(TOY_BOXES=str(tmp_path / "boxes"), COLUMNS="80", TERM="xterm")
    workspace.environment.pop("CI", None)
    workspace.launcher(workspace.folder / "plugin" / "pulumi-resource-toy", "tests.pluginbase.toy")
    workspace.set("size", 2)
    return workspace


def run(shop: Workspace, *arguments: str) -> tuple[int, list[str]]:
    done = subprocess.run(
        ["env", "--default-signal=INT", sys.executable, "-m", "tools.engine", *arguments],
        cwd=shop.folder,
        env=shop.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout.splitlines()


def run_on_a_terminal(shop: Workspace, *arguments: str, columns: int, code: int = 0) -> str:
    """What a terminal of that width was sent."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    child = subprocess.Popen(
        ["env", "--default-signal=INT", sys.executable, "-m", "tools.engine", *arguments],
        cwd=shop.folder,
        env={name: value for name, value in shop.environment.items() if name != "COLUMNS"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    sent = bytearray()
    while chunk := _read(ours):
        sent += chunk
    assert child.wait(60) == code, sent.decode(errors="replace")
    os.close(ours)
    return sent.decode(errors="replace")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""  # Linux' way to say that nobody has the other end open


@pytest.mark.engine
def test_off_a_terminal_each_event_is_one_line(shop: Workspace) -> None:
    code, told = run(shop, "preview", "dev")
    assert (code, told[1]) == (0, " +  create    Box outer")
    code, told = run(shop, "up", "dev")
    assert code == 0
    assert told[0] == "warning: boxes are made of cardboard"
    assert told[1].startswith("Box outer: box outer with password ")
    assert told[2].split()[:2] + told[2].split()[-2:] == ["+", "created", "Box", "outer"]
    assert told[3].startswith("2 created (")
    shop.set("size", 3)
    code, told = run(shop, "preview", "dev", "--diff")
    assert told[1].strip().endswith("Box outer                   size 2 -> 3")
    code, destroyed = run(shop, "destroy", "dev")
    assert code == 0 and destroyed[-1].startswith("2 deleted (")
    everything = "\n".join([*told, *destroyed])
    assert PASSWORD not in everything and "CERTIFICATE" not in everything
    assert len(destroyed) == len(set(destroyed)) and max(map(len, [*told, *destroyed])) <= 80


@pytest.mark.engine
def test_a_failed_run_has_pulumis_exit_code_and_its_reason_once(shop: Workspace) -> None:
    shop.set("size", 99)
    code, told = run(shop, "up", "dev")
    assert code != 0
    assert sum("no board is large enough" in line for line in told) == 1
    assert told[-1].startswith("1 created, 1 failed (")
    code, told = run(shop, "up", "nowhere")
    assert code != 0 and "no stack named 'nowhere' found" in told[-1]


@pytest.mark.engine
def test_on_a_terminal_pulumi_draws_its_tree_and_no_outputs(shop: Workspace) -> None:
    sent = run_on_a_terminal(shop, "up", "dev", columns=90)
    assert "\x1b[" in sent and "└─ toy:index:Box" in sent
    assert "CERTIFICATE" not in sent and PASSWORD not in sent


def test_what_is_asked_of_pulumi_differs_by_the_place() -> None:
    assert command("up", "dev", ["--diff"], terminal=True) == [
        *["pulumi", "up", "--stack", "dev", "--yes", "--skip-preview", "--suppress-outputs", "--diff"]
    ]
    assert command("preview", "dev", [], terminal=False) == [
        *["pulumi", "preview", "--stack", "dev", "--suppress-outputs", "--non-interactive", "--json"]
    ]
    assert not is_terminal({"TERM": "xterm", "CI": "1"})
    assert [width({}), width({"COLUMNS": "80"}), width({"COLUMNS": "wide"})] == [120, 80, 120]


def test_a_run_that_is_to_end_is_told_so_and_waited_for(tmp_path: Path) -> None:
    """SIGTERM is handed on, SIGINT is the group's; the answer is the child's."""
    fake = tmp_path / "pulumi"
    fake.write_text("#!/bin/sh\ntrap 'echo asked to end; exit 7' TERM\ntouch started\nwhile :; do sleep 0.02; done\n")
    fake.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "PYTHONPATH": str(Path(__file__).parents[3]),
    }
    child = subprocess.Popen(
        [sys.executable, "-m", "tools.engine", "up", "dev"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while not (tmp_path / "started").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.kill(child.pid, signal.SIGINT)
    os.kill(child.pid, signal.SIGTERM)
    told, _ = child.communicate(timeout=60)
    assert (told, child.returncode) == ("asked to end\n", 7)


@pytest.mark.parametrize("terminal", [True, False])
def test_without_pulumi_one_line_says_so(
    terminal: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("tools.engine.__main__.is_terminal", lambda: terminal)
    assert main(["up", "dev"]) == 127
    assert capsys.readouterr().err == (
        "error: there is no pulumi on PATH; `make init` installs it, and tools/stack.sh finds it\n"
    )


def test_an_engine_that_was_killed_ends_with_a_shells_exit_code() -> None:
    assert follow(["sh", "-c", "kill -KILL $$"], Lines(80)) == 137


@pytest.mark.engine
def test_on_a_terminal_what_fails_is_told_no_wider_than_it(shop: Workspace) -> None:
    """Pulumi's own headings apart: what the plugin says comes in lines that fit."""
    shop.set("size", 99)
    sent = run_on_a_terminal(shop, "up", "dev", columns=50, code=1)
    diagnostics = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", sent).rpartition("Diagnostics:")[2].partition("Resources:")[0]
    assert "no board is large enough" in " ".join(diagnostics.split())
    assert max(map(len, diagnostics.splitlines())) <= 50, diagnostics
