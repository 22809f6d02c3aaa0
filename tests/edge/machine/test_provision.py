"""The program of a machine, run here: commands that it starts are scripts that tell what they were started with, and
what it asks is a server of HTTP. On a whole machine it is run by the end-to-end tests of virtual machines."""

from __future__ import annotations

import base64
import errno
import json
import os
import pwd
import stat
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from edge.machine import provision

KEY, OTHER = bytes(range(32)), bytes(range(32, 64))
TOKEN = "canary-token"
FINGERPRINT = "AB" * 20

COMMANDS = {
    "dpkg-query": '[ -e "$AT/there" ] && echo "hi |$(cat $AT/there)" || exit 1',
    "gpg": "cat >/dev/null; echo pub:-:4096:1:X; echo fpr:::::::::$FINGERPRINT:; echo sub:-; echo fpr:::::::::CD:",
    "apt-get": '[ -e "$AT/unsigned" ] && { echo "E: The repository is not signed." >&2; exit 100; }\n'
    'case "$*" in *install*) echo 1.0 > "$AT/there";; *) echo "W: Failed to fetch x" >&2;; esac',
    "apt-mark": "",
    "iotedge": '[ ! -e "$AT/broken" ] || { echo "line 3: no such key" >&2; exit 1; }',
    "systemctl": '[ ! -e "$AT/down" ]',
    "modprobe": '[ -e "$AT/driver" ]',
}


class Answers(HTTPServer):
    """`statuses` are answered first, then all is well."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.statuses: list[int] = []
        self.asked: list[str] = []
        self.key = KEY

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Answers

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        status = self.server.statuses.pop(0) if self.server.statuses else self._right()
        bodies = {"/token": {"access_token": TOKEN}, "/secret": {"value": base64.b64encode(self.server.key).decode()}}
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(bodies.get(self.path, {"error": "canary-body"})).encode())

    def _right(self) -> int:
        wanted = {"/token": ("Metadata", "true"), "/secret": ("Authorization", f"Bearer {TOKEN}")}
        name, value = wanted.get(self.path, ("Host", self.headers["Host"]))
        return 200 if self.headers.get(name) == value else 401

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def answers() -> Iterator[Answers]:
    with Answers() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def at(tmp_path: Path, answers: Answers, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing but its files; what it does is a line each in `started`."""
    for name, body in COMMANDS.items():
        script = tmp_path / "bin" / name
        script.parent.mkdir(exist_ok=True)
        script.write_text(f'#!/bin/sh\necho "{name} $*" >> "$AT/started"\n{body}\n')
        script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("AT", str(tmp_path))
    monkeypatch.setenv("FINGERPRINT", FINGERPRINT)
    for name in ("SETTINGS", "CONFIG", "KEY", "APPLIED", "RESTARTED"):
        monkeypatch.setattr(provision, name, tmp_path / name.lower() / "it")
    monkeypatch.setattr(provision, "APT", tmp_path / "apt")
    monkeypatch.setattr(provision, "_STANDS_SECONDS", 0)
    monkeypatch.setattr(provision, "_START_SECONDS", 0.1)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    monkeypatch.setattr("shutil.which", lambda name: None)
    myself = pwd.getpwuid(os.getuid())
    monkeypatch.setattr("pwd.getpwnam", lambda name: {"aziotks": myself}[name])
    write(provision.CONFIG, "hostname = 1")
    configure(answers)
    return tmp_path


def write(file: Path, text: str) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)


def configure(answers: Answers, **more: Any) -> None:
    repository = {"name": "ms", "key": f"{answers.url}/key", "fingerprint": FINGERPRINT, "line": "https://x noble main"}
    settings = {
        "repositories": [repository],
        "packages": [["moby-engine=1.0"], ["aziot-edge=1.0"]],
        "gpu": False,
        "key": {"token": f"{answers.url}/token", "secret": f"{answers.url}/secret", "seconds": 60},
    }
    write(provision.SETTINGS, json.dumps({**settings, **more}))


def started(at: Path) -> list[str]:
    lines = (at / "started").read_text().splitlines() if (at / "started").exists() else []
    (at / "started").unlink(missing_ok=True)
    return [line for line in lines if not line.startswith(("dpkg-query", "systemctl is-active"))]


def failure() -> str:
    with pytest.raises(SystemExit) as ended:
        provision.main()
    return str(ended.value)


def test_a_bare_machine_gets_packages_key_and_daemons(at: Path, capsys: pytest.CaptureFixture[str]) -> None:
    provision.main()

    first, *rest = started(at)
    assert first.startswith("gpg ")
    update, install, hold, install_edge, hold_edge, apply = rest
    assert update.endswith(" update") and install.endswith(" moby-engine=1.0")
    assert install_edge.endswith(" aziot-edge=1.0"), "a transaction of its own"
    assert (hold, hold_edge) == ("apt-mark hold moby-engine", "apt-mark hold aziot-edge")
    assert apply == "iotedge config apply"
    assert provision.KEY.read_bytes() == KEY
    assert (stat.S_IMODE(provision.KEY.stat().st_mode), stat.S_IMODE(provision.KEY.parent.stat().st_mode)) == (
        0o600,
        0o700,
    )
    assert capsys.readouterr().out == f"edgeway: ok, key {provision.digest(KEY)[:8]}\n"


def test_a_second_run_changes_nothing_and_another_key_restarts_the_daemons(at: Path, answers: Answers) -> None:
    provision.main()
    started(at)
    provision.main()
    assert started(at) == []

    answers.key = OTHER
    provision.main()
    assert started(at) == ["iotedge system restart"]
    assert provision.KEY.read_bytes() == OTHER

    write(provision.CONFIG, "hostname = 2")
    provision.main()
    assert started(at) == ["iotedge config apply"]


@pytest.mark.parametrize("statuses", [[404], [400, 410, 429], [200, 403, 200, 403], [503]])
def test_an_identity_or_a_right_that_is_late_is_waited_for(
    at: Path, answers: Answers, statuses: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    (at / "there").write_text("1.0")
    answers.statuses = list(statuses)
    provision.main()

    said = capsys.readouterr().out
    assert provision.KEY.read_bytes() == KEY
    assert said.count("edgeway: waiting, ") == len([status for status in statuses if status != 200])
    assert "canary" not in said


def test_what_does_not_come_in_time_is_told_without_a_body(at: Path, answers: Answers) -> None:
    (at / "there").write_text("1.0")
    configure(answers, key={"token": f"{answers.url}/token", "secret": f"{answers.url}/nothing", "seconds": 1})
    assert failure() == "edgeway: failed, secret: KeyError"
    answers.statuses = [200, 403]
    assert failure() == "edgeway: failed, secret: 403"
    assert not provision.KEY.exists()


def test_packages_of_another_key_or_without_a_signature_are_not_taken(
    at: Path, monkeypatch: pytest.MonkeyPatch, answers: Answers
) -> None:
    monkeypatch.setenv("FINGERPRINT", "EF" * 20)
    assert failure() == f"edgeway: failed, packages: {answers.url}/key holds {'EF' * 20}; {FINGERPRINT} is wanted"
    assert not (at / "apt").exists()

    monkeypatch.setenv("FINGERPRINT", FINGERPRINT)
    (at / "unsigned").touch()
    assert failure() == "edgeway: failed, packages: apt-get update: E: The repository is not signed."
    (at / "unsigned").unlink()
    provision.main()


def test_a_package_server_that_is_down_is_named(at: Path, answers: Answers) -> None:
    answers.statuses = [503]
    assert failure() == f"edgeway: failed, packages: {answers.url}/key: 503"
    provision.main()


def test_daemons_that_do_not_start_or_refuse_the_configuration_are_a_failure(at: Path) -> None:
    """iotedge's own commands succeed where a service does not start."""
    (at / "down").touch()
    assert failure() == "edgeway: failed, apply: aziot-edged is not active after 0 s"
    assert not provision.APPLIED.exists(), "the next run applies again"
    (at / "broken").touch()
    assert failure() == "edgeway: failed, apply: iotedge config apply: line 3: no such key"


def test_a_full_disk_is_told(at: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (at / "there").write_text("1.0")

    def full(self: Path, content: bytes) -> int:
        raise OSError(28, "No space left on device", str(self))

    monkeypatch.setattr(Path, "write_bytes", full)
    assert failure().endswith("No space left on device")


def test_a_key_comes_from_a_file_that_nobody_else_reads_and_may_go_then(at: Path, answers: Answers) -> None:
    (at / "there").write_text("1.0")
    file = at / "device.key"
    configure(answers, key={"file": str(file)})
    assert failure() == f"edgeway: failed, key: {file} is not there"
    file.write_bytes(KEY)
    file.chmod(0o644)
    assert failure() == f"edgeway: failed, key: others than its owner can read {file}; mode 0600 is wanted"
    file.chmod(0o600)
    provision.main()
    file.unlink()
    provision.main()
    assert provision.KEY.read_bytes() == KEY and answers.asked == []


@pytest.mark.parametrize(
    ("version", "taken"), [("28.5.1", True), ("29.1.0", False), ("27.0.1", False), ("29.5.0", True)]
)
def test_an_engine_that_refuses_the_runtime_is_found_before_anything_is_installed(
    at: Path, version: str, taken: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    docker = at / "bin" / "docker"
    docker.write_text(f"#!/bin/sh\necho Docker version {version}, build 1\n")
    docker.chmod(0o755)
    monkeypatch.setattr("shutil.which", lambda name: str(docker))
    if taken:
        provision.main()
    else:
        assert f"Docker version {version}, build 1; 28, or 29.5 and newer" in failure()
        assert started(at) == []


def test_a_driver_for_a_newer_kernel_restarts_the_machine_once(at: Path, answers: Answers) -> None:
    (at / "there").write_text("1.0")
    configure(answers, gpu=True)
    assert failure() == "edgeway: failed, driver: the machine restarts"
    assert "systemctl reboot" in started(at)
    assert failure() == "edgeway: failed, driver: the kernel does not load nvidia, after a restart too"
    (at / "driver").touch()
    provision.main()


def test_neither_key_nor_token_is_an_argument(at: Path) -> None:
    provision.main()
    said = (at / "started").read_text()
    assert TOKEN not in said and base64.b64encode(KEY).decode() not in said


def test_a_full_disk_is_said(at: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(key: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")  # as a write ends, which knows no file's name

    monkeypatch.setattr(provision, "write_key", full)
    assert failure() == "edgeway: failed, disk: No space left on device"
