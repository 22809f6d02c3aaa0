#!/usr/bin/python3
"""Makes the machine that it runs on an IoT Edge device, and keeps it one: packages, the device's key, config.toml.

This file goes to the machine as it stands, and knows nothing but the system's own Python (3.10 and up). Root runs it by
edgeway-provision.service, until it succeeds, and then each hour for a key that was changed. It can be run at any time:
what is there already is left alone. Neither key nor token is an argument, a variable of the environment, or printed.
What it prints last is one line: `edgeway: ok, key <8 of its digest>` or `edgeway: failed, <where>: <why>`.

https://learn.microsoft.com/azure/iot-edge/how-to-provision-single-device-linux-symmetric
https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
import pwd
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

SETTINGS = Path("/etc/edgeway/machine.json")
CONFIG = Path("/etc/aziot/config.toml")
KEY = Path("/var/secrets/aziot/keyd/device-id")
APPLIED = Path("/var/lib/edgeway/applied")
"""Digests of the config.toml and the key that the daemons run with."""
RESTARTED = Path("/var/lib/edgeway/restarted")
APT = Path("/etc/apt")
_KEY_OWNER = "aziotks"
_SECONDS = 10.0
"""For an answer of the metadata service, a vault or a package server."""
_LONGEST_WAIT = 30.0
_START_SECONDS, _STANDS_SECONDS = 60.0, 2.0


class Failed(Exception):
    """Why this run made no device of the machine: where, and what. Never a body of an answer, which may hold a key."""


def main() -> None:
    settings = json.loads(SETTINGS.read_text(encoding="utf-8"))
    try:
        install(settings["repositories"], settings["packages"])
        if settings["gpu"]:
            load_driver()
        key = device_key(settings["key"])
        apply(key)
    except Failed as failure:
        sys.exit(f"edgeway: failed, {failure}")
    except OSError as error:
        # what a full disk ends is a write, and that knows no name
        sys.exit(f"edgeway: failed, {error.filename or 'disk'}: {error.strerror}")
    print(f"edgeway: ok, key {digest(key)[:8]}", flush=True)


def install(repositories: list[dict[str, str]], groups: list[list[str]]) -> None:
    """Each group in a transaction of its own: aziot-edge looks for the container engine before it is unpacked, so both
    in one fail. Versions are held: only another machine.json changes them."""
    check_engine()
    missing = [group for group in groups if not all(map(installed, group))]
    if not missing:
        return
    for repository in repositories:
        trust(repository)
    told = apt("update")
    for group in missing:
        told += apt("install", "--allow-change-held-packages", "--allow-downgrades", *group, before=told)
        if pinned := [name for name, _, version in map(_parted, group) if version]:
            run("packages", "apt-mark", "hold", *pinned)


def check_engine() -> None:
    """Of a machine that had a container engine before: 29.0 to 29.4 refuse the runtime's version of Docker's API."""
    if shutil.which("docker") is None:
        return
    told = subprocess.run(["docker", "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"(\d+)\.(\d+)", told)
    version = (int(found[1]), int(found[2])) if found else (28, 0)
    if version < (28, 0) or (29, 0) <= version < (29, 5):
        raise Failed(f"packages: the machine has {told.strip()}; 28, or 29.5 and newer, is wanted")


def installed(package: str) -> bool:
    """Of `name=version`, or of a name in any version."""
    name, _, version = _parted(package)
    command = ["dpkg-query", "-W", "-f", "${db:Status-Abbrev}|${Version}", name]
    told = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    state, _, there = told.partition("|")
    return state[1:2] == "i" and there.strip() == (version or there.strip())


def _parted(package: str) -> tuple[str, str, str]:
    return package.partition("=")


def trust(repository: dict[str, str]) -> None:
    """Its packages, if they are signed by the one key whose fingerprint is known here."""
    name, url, wanted = repository["name"], repository["key"], repository["fingerprint"]
    try:
        with urllib.request.urlopen(url, timeout=_SECONDS) as answer:
            armoured: bytes = answer.read(1_000_000)
    except (OSError, ValueError) as error:
        raise Failed(f"packages: {url}: {_reason(error)}") from error
    if (found := list(_primary_keys(armoured))) != [wanted]:
        raise Failed(f"packages: {url} holds {' and '.join(found) or 'no key'}; {wanted} is wanted")
    signed = APT / "keyrings" / f"edgeway-{name}.asc"
    _write(signed, armoured)
    line = f"deb [signed-by={signed}] {repository['line']}\n"
    _write(APT / "sources.list.d" / f"edgeway-{name}.list", line.encode())


def _primary_keys(armoured: bytes) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as home:
        command = ["gpg", "--homedir", home, "--batch", "--with-colons", "--show-keys"]
        told = subprocess.run(command, input=armoured, capture_output=True, check=False).stdout
    lines = [line.split(":") for line in told.decode("utf-8", "replace").splitlines()]
    for before, after in pairwise(lines):
        if before[0] == "pub" and after[0] == "fpr":
            yield after[9]


def apt(verb: str, *arguments: str, before: str = "") -> str:
    """What it warned of. `before` is what it warned of earlier: without it a package is just not found."""
    options = ["-qy", "-o", "Acquire::Retries=3", "-o", "DPkg::Lock::Timeout=300"]
    command = ["apt-get", *options, verb, *arguments]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        said = [line for line in (before + done.stderr).splitlines() if line.startswith(("E:", "W:"))]
        raise Failed(f"packages: apt-get {verb}: {' '.join(said[-3:]) or f'exit code {done.returncode}'}")
    return done.stderr


def load_driver() -> None:
    """The driver's modules are those of the newest kernel: where another one runs, one restart is tried."""
    if subprocess.run(["modprobe", "nvidia"], capture_output=True, check=False).returncode == 0:
        return
    if RESTARTED.exists():
        raise Failed("driver: the kernel does not load nvidia, after a restart too")
    _write(RESTARTED, b"")
    print("edgeway: restarting, the driver is for a newer kernel", flush=True)
    run("driver", "systemctl", "reboot")
    raise Failed("driver: the machine restarts")


def device_key(source: dict[str, Any]) -> bytes:
    return _from_file(Path(source["file"])) if "file" in source else _from_vault(source)


def _from_file(file: Path) -> bytes:
    """The key's bytes. Once it is in its place, the file may go."""
    try:
        if stat.S_IMODE(file.stat().st_mode) & 0o077:
            raise Failed(f"key: others than its owner can read {file}; mode 0600 is wanted")
        return file.read_bytes()
    except FileNotFoundError as missing:
        if KEY.exists():
            return KEY.read_bytes()
        raise Failed(f"key: {file} is not there") from missing


def _from_vault(source: dict[str, Any]) -> bytes:
    """With the machine's identity. That it is not known yet, or has no right yet, passes with time: each answer but a
    key is waited out, and systemd starts this anew when the time is up."""
    end, wait = time.monotonic() + source["seconds"], 2.0
    while True:
        at = "identity"
        try:
            token = _ask(source["token"], "access_token", {"Metadata": "true"}, urllib.request.ProxyHandler({}))
            at = "secret"
            value = _ask(source["secret"], "value", {"Authorization": f"Bearer {token}"})
            return base64.b64decode(value, validate=True)
        except (OSError, ValueError, KeyError) as error:
            why = f"{at}: {_reason(error)}"
        if time.monotonic() + wait > end:
            raise Failed(why)
        print(f"edgeway: waiting, {why}", flush=True)
        time.sleep(wait)
        wait = min(wait * 2, _LONGEST_WAIT)


def _ask(url: str, field: str, headers: dict[str, str], *via: urllib.request.BaseHandler) -> str:
    request = urllib.request.Request(url, headers=headers)
    with urllib.request.build_opener(*via).open(request, timeout=_SECONDS) as answer:
        value: str = json.load(answer)[field]
    return value


def _reason(error: Exception) -> str:
    """A status, or what kind of error it is; a URLError is as little told as what it carries."""
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        return str(error.code)
    if isinstance(error, urllib.error.URLError):
        return type(error.reason).__name__ if isinstance(error.reason, Exception) else str(error.reason)
    return "not base64" if isinstance(error, binascii.Error) else type(error).__name__


def apply(key: bytes) -> None:
    """Nothing where the daemons run with this key and config.toml. Another key is a restart of theirs only: a second
    `config apply` needs a live container engine."""
    configured, mine = digest(CONFIG.read_bytes()), digest(key)
    before = APPLIED.read_text(encoding="utf-8").split() if APPLIED.exists() else []
    if before == [configured, mine] and KEY.exists():
        return
    write_key(key)
    if before[:1] == [configured]:
        run("apply", "iotedge", "system", "restart")
    else:
        run("apply", "iotedge", "config", "apply")
    wait_for_edged()
    _write(APPLIED, f"{configured} {mine}\n".encode())


def write_key(key: bytes) -> None:
    """As aziot-keyd reads a preloaded key: its bytes, in a file that only aziotks reads."""
    try:
        owner = pwd.getpwnam(_KEY_OWNER)
    except KeyError as error:
        raise Failed(f"apply: there is no user {_KEY_OWNER}, which aziot-identity-service makes") from error
    KEY.parent.mkdir(parents=True, exist_ok=True)
    os.chown(KEY.parent, owner.pw_uid, owner.pw_gid)
    KEY.parent.chmod(0o700)
    fresh = KEY.with_name(KEY.name + ".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        os.fchown(file.fileno(), owner.pw_uid, owner.pw_gid)
        file.write(key)
    fresh.replace(KEY)


def wait_for_edged() -> None:
    """iotedge's commands succeed where a service does not start. One that falls down at once has been active, too."""
    end, since = time.monotonic() + _START_SECONDS, None
    while time.monotonic() < end:
        active = subprocess.run(["systemctl", "is-active", "-q", "aziot-edged"], check=False).returncode == 0
        since = (since or time.monotonic()) if active else None
        if since and time.monotonic() - since >= _STANDS_SECONDS:
            return
        time.sleep(0.25)
    raise Failed(f"apply: aziot-edged is not active after {_START_SECONDS:.0f} s")


def run(at: str, *command: str) -> None:
    """Raises Failed with the last line that it complained with."""
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise Failed(f"{at}: {' '.join(command[:3])}: {said[0]}")


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _write(file: Path, content: bytes) -> None:
    """Whole or not at all: a machine may lose its power at any time."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(file.name + ".new")
    fresh.write_bytes(content)
    fresh.replace(file)


if __name__ == "__main__":
    main()
