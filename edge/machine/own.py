"""A machine of somebody's own: its files in one folder, and the script that puts them where they belong.

The device's key lies beside them in a file of its own, mode 0600. It is an argument of nothing and is printed nowhere;
when the machine is a device, aziot-keyd's copy is the only one left there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from edge.machine.files import MachineFile
from edge.machine.pins import Ubuntu
from edge.machine.units import ACTIVATE, LAST_WORDS

KEY_FILE, INSTALLED_KEY = "device.key", "/etc/edgeway/device.key"
INSTALL = "install.sh"
THEIRS = "/etc/docker/daemon.json"
"""What the machine's owner may have written already, for other containers too."""
OS_RELEASE = "/etc/os-release"


def folder_of(files: Sequence[MachineFile], ubuntu: Ubuntu) -> dict[str, str]:
    """Name to content. `ubuntu` is the one that the files are for."""
    return {_name(file): file.content for file in files} | {INSTALL: "\n".join(_lines(files, ubuntu)) + "\n"}


def _name(file: MachineFile) -> str:
    return PurePosixPath(file.path).name


def _lines(files: Sequence[MachineFile], ubuntu: Ubuntu) -> Iterator[str]:
    yield from (
        "#!/bin/sh",
        "# Makes this machine an IoT Edge device. As root: sudo sh install.sh",
        "# It can be run again: what is there already is left alone, or replaced by the same.",
        "set -eu",
        'cd "$(dirname "$0")"',
        '[ "$(id -u)" = 0 ] || { echo "install.sh: root is wanted: sudo sh install.sh" >&2; exit 1; }',
        # apt would be given the packages of another Ubuntu
        f'system=$(. {OS_RELEASE} && echo "${{ID-}} ${{VERSION_ID-}}") || system=',
        'case "$system" in',
        f'"ubuntu {ubuntu}") ;;',
        f'"ubuntu "*) echo "install.sh: this is for Ubuntu {ubuntu}, and here is $system: write the folder anew, by '
        'edgeway device config with --ubuntu" >&2; exit 1 ;;',
        "esac",
    )
    for file in files:
        put = f"install -D -m {file.mode:04o} {_name(file)} {file.path}"
        if file.path == THEIRS:
            told = f'echo "install.sh: {file.path} is there and stays: see {_name(file)} for limits of logs" >&2'
            put = f"if [ -e {file.path} ] && ! cmp -s {_name(file)} {file.path}; then {told}; else {put}; fi"
        yield put
    yield from (
        f"if [ -e {KEY_FILE} ]; then install -D -m 0600 {KEY_FILE} {INSTALLED_KEY}; fi",
        *ACTIVATE,
        'echo "install.sh: packages are installed, which takes minutes" >&2',
        "systemctl restart edgeway-provision.service || {",
        f"  {LAST_WORDS} >&2",
        '  echo "install.sh: it is tried again each minute; journalctl -fu edgeway-provision shows how it goes" >&2',
        "  exit 1",
        "}",
        "# keyd has its own copy now",
        f"rm -f {KEY_FILE} {INSTALLED_KEY}",
        LAST_WORDS,
    )
