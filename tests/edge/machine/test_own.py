"""What `install.sh` does to a machine of somebody's own: run here, below a folder, with systemd that only listens."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from edge.machine import own
from edge.machine.files import KeyFile, Machine, machine_files

KEY = b"canary-key-of-thirty-two-bytes!!"
MACHINE = Machine(
    hub_host="iot-1.azure-devices.net",
    device_id="line-01",
    key=KeyFile(path="/etc/edgeway/device.key"),
    made_by="`edgeway device config line-01`",
    elevated=True,
)
SYSTEMD = """#!/bin/sh
echo "$0 $*" >> {at}/asked
case "$0 $*" in
*"systemctl restart"*) exec test ! -e {at}/broken;;
*journalctl*) echo "edgeway: ok, key 0a1b2c3d";;
esac
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of the machine."""
    root = tmp_path / "root"
    monkeypatch.setattr(own, "INSTALLED_KEY", f"{root}{own.INSTALLED_KEY}")
    monkeypatch.setattr(own, "THEIRS", f"{root}{own.THEIRS}")
    monkeypatch.setattr(own, "OS_RELEASE", str(tmp_path / "os-release"))
    bin = tmp_path / "bin"
    bin.mkdir()
    scripts = {"systemctl": SYSTEMD, "journalctl": SYSTEMD, "id": "#!/bin/sh\necho 0\n"}
    for name, text in scripts.items():
        (bin / name).write_text(text.format(at=tmp_path))
        (bin / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{bin}:{os.environ['PATH']}")
    return root


@pytest.fixture
def given(root: Path, tmp_path: Path) -> Path:
    """The folder that `device config` wrote."""
    folder = tmp_path / "given"
    folder.mkdir()
    files = [replace(file, path=f"{root}{file.path}") for file in machine_files(MACHINE)]
    for name, text in own.folder_of(files, MACHINE.ubuntu).items():
        (folder / name).write_text(text)
    (folder / own.KEY_FILE).write_bytes(KEY)
    return folder


def install(given: Path) -> subprocess.CompletedProcess[str]:
    command = ["sh", str(given / own.INSTALL)]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def test_every_file_comes_where_it_belongs_and_the_units_are_started(given: Path, root: Path, tmp_path: Path) -> None:
    done = install(given)
    assert (done.returncode, done.stdout) == (0, "edgeway: ok, key 0a1b2c3d\n")
    for file in machine_files(MACHINE):
        there = root / file.path[1:]
        assert there.read_text() == file.content
        assert stat.S_IMODE(there.stat().st_mode) == file.mode
    asked = (tmp_path / "asked").read_text()
    assert [line.partition("systemctl ")[2] for line in asked.splitlines() if "systemctl" in line] == [
        "daemon-reload",
        "enable --now edgeway-provision.timer",
        "enable edgeway-first.service",
        "restart edgeway-provision.service",
    ]


def test_the_key_goes_once_the_machine_has_it_and_stays_until_then(given: Path, root: Path, tmp_path: Path) -> None:
    installed = root / "etc/edgeway/device.key"
    (tmp_path / "broken").touch()
    failed = install(given)
    assert failed.returncode == 1
    assert "it is tried again each minute" in failed.stderr
    assert installed.read_bytes() == (given / own.KEY_FILE).read_bytes() == KEY
    assert stat.S_IMODE(installed.stat().st_mode) == 0o600
    (tmp_path / "broken").unlink()
    assert install(given).returncode == 0
    assert not installed.exists() and not (given / own.KEY_FILE).exists()
    assert install(given).returncode == 0, "it can be run again, without the key"
    assert KEY.decode() not in (tmp_path / "asked").read_text() + failed.stderr + failed.stdout


def test_the_settings_of_docker_that_the_owner_wrote_stay(given: Path, root: Path) -> None:
    theirs = root / "etc/docker/daemon.json"
    theirs.parent.mkdir(parents=True)
    theirs.write_text('{"insecure-registries": ["mine"]}')
    assert "is there and stays: see daemon.json" in install(given).stderr
    assert theirs.read_text() == '{"insecure-registries": ["mine"]}'


def test_whoever_is_not_root_is_told(given: Path, root: Path, tmp_path: Path) -> None:
    (tmp_path / "bin" / "id").write_text("#!/bin/sh\necho 1000\n")
    assert "root is wanted: sudo sh install.sh" in install(given).stderr
    assert not root.exists()


def test_another_ubuntu_is_refused_before_anything_is_written(given: Path, root: Path, tmp_path: Path) -> None:
    (tmp_path / "os-release").write_text('ID=ubuntu\nVERSION_ID="22.04"\n')
    refused = install(given)
    assert refused.returncode == 1
    assert "this is for Ubuntu 24.04, and here is ubuntu 22.04" in refused.stderr
    assert not root.exists()


@pytest.mark.parametrize("system", ['ID=ubuntu\nVERSION_ID="24.04"\n', "ID=debian\n"])
def test_the_ubuntu_that_it_is_for_and_what_is_none_are_not(given: Path, tmp_path: Path, system: str) -> None:
    (tmp_path / "os-release").write_text(system)
    assert install(given).returncode == 0


@pytest.mark.skipif(shutil.which("dash") is None, reason="dash is not installed")
def test_it_is_a_script_of_any_posix_shell(given: Path) -> None:
    assert subprocess.run(["dash", "-n", str(given / own.INSTALL)], check=False).returncode == 0
