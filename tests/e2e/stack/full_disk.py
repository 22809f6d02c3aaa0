"""Disks that are really full: a small one in memory, and a Docker engine that has its images on one."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import pytest

from contracts.names import BASE_IMAGE
from tests.e2e.stack.local_stack import eventually

_SMALL_KB = 64
_ENGINE_KB = 32 * 1024
_STOP_S = 30


@contextmanager
def small_disk(folder: Path, *, free_kb: int) -> Iterator[None]:
    """A file system of 64 KB over the folder, full but for `free_kb`."""
    _mount(folder, _SMALL_KB)
    try:
        fill(folder, but_kb=free_kb)
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(folder: Path, *, but_kb: int = 0) -> None:
    room = os.statvfs(folder)
    (folder / "fill").write_bytes(b"\0" * (room.f_bavail * room.f_frsize - but_kb * 1024))


def _mount(folder: Path, size_kb: int) -> None:
    if os.geteuid() != 0:
        pytest.skip("a small file system can be mounted by root only")
    command = ["mount", "-t", "tmpfs", "-o", f"size={size_kb}k", "tmpfs", str(folder)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {result.stderr.strip()}")


class FullEngine:
    """A second Docker engine with nothing but the base image's name, on a disk without a free byte."""

    def __init__(self) -> None:
        # not pytest's folder: the path of a socket has 107 characters at most
        self._folder = Path(tempfile.mkdtemp(prefix="edgeway-full-"))
        self._data = self._folder / "data"
        self.host = f"unix://{self._folder}/docker.sock"
        self._bridge = machines_bridge()

    def __enter__(self) -> FullEngine:
        program = shutil.which("dockerd", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
        if program is None or shutil.which("unshare") is None:
            pytest.skip("dockerd or unshare is not on this machine")
        self._data.mkdir()
        _mount(self._data, _ENGINE_KB)
        # In a network of its own: as it starts, dockerd deletes the bridge docker0 that it finds, or takes it over,
        # and every container of the machine's own engine would lose its way out.
        command = ["unshare", "--net", program, "--host", self.host, "--data-root", str(self._data)]
        command += ["--exec-root", str(self._folder / "exec"), "--pidfile", str(self._folder / "pid")]
        command += ["--bridge", "none", "--iptables=false", "--ip-forward=false", "--ip-masq=false"]
        with (self._folder / "log").open("wb") as log:
            self._daemon = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            eventually("the second Docker engine answers", lambda: self._docker("version").returncode == 0)
            imported = self._docker("import", "-", BASE_IMAGE, stdin=_empty_tar())
            assert imported.returncode == 0, imported.stderr
            fill(self._data)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._daemon.terminate()
        self._daemon.wait(_STOP_S)
        subprocess.run(["umount", str(self._data)], check=True)
        shutil.rmtree(self._folder)
        assert machines_bridge() == self._bridge, "the second engine touched the machine's own bridge"

    def _docker(self, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        command = ["docker", "--host", self.host, *arguments]
        return subprocess.run(command, input=stdin, capture_output=True, timeout=120, check=False)


def machines_bridge() -> str:
    """Which docker0 this is; empty where there is none."""
    file = Path("/sys/class/net/docker0/ifindex")
    return file.read_text().strip() if file.exists() else ""


def _empty_tar() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w"):
        pass
    return file.getvalue()
