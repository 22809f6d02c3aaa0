"""Giving root up, with the system calls in memory: tests/images/test_privileges.py has the kernel's own word."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from images.scoring.errors import StartError
from images.scoring.process import privileges
from images.scoring.process.secrets import load_secrets


class Kernel:
    """Users of a process that starts as root."""

    def __init__(self, *, goes_back: bool = False, no_new_privileges: int = 1, refuses: bool = False) -> None:
        self.users = (0, 0, 0)
        self.groups = (0, 0, 0)
        self.more = [4]
        self._goes_back = goes_back
        self._no_new_privileges = no_new_privileges
        self._refuses = refuses

    def setgroups(self, groups: list[int]) -> None:
        if self._refuses:
            raise PermissionError(1, "Operation not permitted")
        self.more = groups

    def setresgid(self, *groups: int) -> None:
        self.groups = (groups[0], groups[1], groups[2])

    def setresuid(self, *users: int) -> None:
        if 0 in users and not self._goes_back:
            raise PermissionError(1, "Operation not permitted")
        self.users = (users[0], users[1], users[2])

    def prctl(self, option: int, value: int = 0) -> int:
        return self._no_new_privileges if option == privileges.PR_GET_NO_NEW_PRIVS else 0


def run(monkeypatch: pytest.MonkeyPatch, kernel: Kernel) -> None:
    for name in ("setgroups", "setresgid", "setresuid"):
        monkeypatch.setattr(os, name, getattr(kernel, name))
    monkeypatch.setattr(os, "getresuid", lambda: kernel.users)
    monkeypatch.setattr(os, "getresgid", lambda: kernel.groups)
    monkeypatch.setattr(os, "getgroups", lambda: kernel.more)
    monkeypatch.setattr(privileges, "_prctl", kernel.prctl)
    monkeypatch.setattr(privileges, "_hold_nothing", lambda: None)
    monkeypatch.setattr(privileges, "_held", lambda: False)
    monkeypatch.setenv("HOME", "/root")
    privileges.drop_root()


def test_root_becomes_nobody_in_no_group(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = Kernel()
    run(monkeypatch, kernel)
    assert (kernel.users, kernel.groups, kernel.more) == ((10001,) * 3, (10001,) * 3, [])
    assert os.environ["HOME"] == "/"


def test_another_user_stays_who_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = Kernel(refuses=True)
    kernel.users = (501, 501, 501)
    run(monkeypatch, kernel)
    assert os.environ["HOME"] == "/root"


@pytest.mark.parametrize(
    ("kernel", "reason"),
    [
        (Kernel(refuses=True), r"cannot become the user 10001:10001 \(Operation not permitted\)"),
        (Kernel(goes_back=True), r"could be root again: setresuid\(0, 0, 0\) is allowed"),
        (Kernel(no_new_privileges=0), "could be root again: no_new_privs is not set"),
        (Kernel(no_new_privileges=-1), "could be root again: no_new_privs is not set"),
    ],
)
def test_root_that_cannot_be_given_up_for_good_ends_the_start(
    monkeypatch: pytest.MonkeyPatch, kernel: Kernel, reason: str
) -> None:
    with pytest.raises(StartError, match=reason):
        run(monkeypatch, kernel)


def test_a_secret_that_cannot_be_read_is_named_with_owner_mode_and_reader(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "scoring-key").write_text("k")
    (tmp_path / "scoring-key").chmod(0o440)

    def refuse(file: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(StartError) as refused:
        load_secrets(tmp_path)
    assert str(refused.value) == (
        f"cannot read {tmp_path}/scoring-key (Permission denied): {tmp_path}/scoring-key belongs to uid {os.getuid()}, "
        f"gid {os.getgid()} and has the mode 0440; this process runs as uid {os.geteuid()}, gid {os.getegid()}"
    )
