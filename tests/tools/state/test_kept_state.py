"""A state that a full disk left unreadable: a copy that can be read is put back, and said; else it is not guessed."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from tools.kept_state import main

GOOD = json.dumps({"version": 3, "checkpoint": {"stack": "organization/edgeway/local"}})
Usage = namedtuple("Usage", "total used free")


class Backend:
    def __init__(self, root: Path, ending: str = "") -> None:
        self.folder, self.kept = root / "state" / ".pulumi", root / "kept"
        self.file = self.folder / "stacks" / "edgeway" / f"local.json{ending}"
        self.file.parent.mkdir(parents=True)

    def write(self, text: str, name: str = "", at: float | None = None) -> None:
        file = self.file.with_name(self.file.name + name)
        file.write_bytes(gzip.compress(text.encode()) if self.file.suffix == ".gz" and text else text.encode())
        if at:
            os.utime(file, (at, at))

    def read(self) -> str:
        content = self.file.read_bytes()
        return (gzip.decompress(content) if self.file.suffix == ".gz" else content).decode()

    def run(self, action: str) -> int:
        return main(action, str(self.folder), "local", str(self.kept))


@pytest.fixture(params=["", ".gz"])
def backend(tmp_path: Path, request: pytest.FixtureRequest) -> Backend:
    return Backend(tmp_path, request.param)


@pytest.mark.parametrize(
    "broken", ["", "{", "null", "[]", '{"version": 3}', '{"checkpoint": null}', GOOD[:-9], "\0" * 99]
)
def test_the_copy_of_before_is_put_back_and_told(
    backend: Backend, broken: str, capsys: pytest.CaptureFixture[str]
) -> None:
    backend.write(GOOD)
    assert backend.run("keep") == 0
    backend.write(broken)
    backend.write(broken, ".bak")

    assert backend.run("mend") == 0
    assert backend.read() == GOOD
    assert "could not be read; that of " in capsys.readouterr().out
    assert (backend.kept / "local.restored").exists()


@pytest.mark.parametrize("broken", ["", '{"md5":"'])
def test_attributes_that_an_engine_left_half_written_are_removed_and_the_state_stays(
    backend: Backend, broken: str
) -> None:
    backend.write(GOOD)
    attributes, other = (backend.file.with_name(f"{backend.file.name}{end}.attrs") for end in ("", ".bak"))
    attributes.write_text(broken)
    other.write_text('{"md5":"x"}')

    assert backend.run("mend") == 0
    assert backend.read() == GOOD
    assert (attributes.exists(), other.exists()) == (False, True)


def test_a_backup_that_can_be_read_and_is_newer_is_taken_before_the_copy(backend: Backend) -> None:
    newer = GOOD.replace("3", "4")
    backend.write(GOOD, at=1000.0)
    assert backend.run("keep") == 0
    backend.write("")
    backend.write(newer, ".bak", at=2000.0)

    assert backend.run("mend") == 0
    assert backend.read() == newer


def test_where_none_can_be_read_it_is_said_and_nothing_is_changed(
    backend: Backend, capsys: pytest.CaptureFixture[str]
) -> None:
    backend.write("")
    backend.write("", ".bak")

    assert backend.run("mend") == 3
    assert "cannot be read" in capsys.readouterr().out
    assert backend.file.read_bytes() == b""
    assert backend.run("forget") == 0
    assert not list(backend.file.parent.iterdir())


def test_a_state_that_can_be_read_and_a_stack_that_is_not_there_are_left_alone(
    backend: Backend, capsys: pytest.CaptureFixture[str]
) -> None:
    assert backend.run("mend") == backend.run("keep") == 0
    backend.write(GOOD)
    assert backend.run("mend") == backend.run("forget") == 0
    assert backend.read() == GOOD
    assert capsys.readouterr().out == ""


def test_a_copy_is_never_replaced_by_what_cannot_be_read(backend: Backend) -> None:
    backend.write(GOOD)
    backend.run("keep")
    backend.write("")
    backend.run("keep")

    assert backend.run("mend") == 0
    assert backend.read() == GOOD


def test_copies_are_their_owners_alone(backend: Backend) -> None:
    backend.write(GOOD)
    backend.run("keep")

    assert backend.kept.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in backend.kept.iterdir()} == {0o600}


def test_without_room_for_a_whole_state_a_run_is_not_begun(
    backend: Backend, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 10**9, 5_000_000))

    assert backend.run("keep") == 1
    assert "5 MB are free" in capsys.readouterr().out


def test_a_disk_that_fills_up_while_it_is_copied_leaves_the_copy_of_before(
    backend: Backend, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    backend.write(GOOD)
    backend.run("keep")
    backend.write(GOOD.replace("3", "4"))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert backend.run("keep") == 1
    assert "No space left on device" in capsys.readouterr().out
    monkeypatch.undo()
    backend.write("")
    assert backend.run("mend") == 0
    assert backend.read() == GOOD
    assert not list(backend.kept.glob("*.fresh"))
