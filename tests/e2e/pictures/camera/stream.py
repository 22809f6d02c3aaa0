"""A camera of the network that is not ours, as a process: it can be killed and come back at the same port."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

from tests.e2e.stack.local_stack import eventually

USER, PASSWORD = "admin", "p@ss:w/rd"
SERVER = Path(__file__).with_name("rtsp_server.py")


class Stream:
    def __init__(self, python: str, folder: Path, address: str = "127.0.0.1") -> None:
        """`folder` is for a file with the password, and for a log."""
        self._python, self._folder, self.address = python, folder, address
        self._process: subprocess.Popen[bytes] | None = None
        with socket.create_server((address, 0)) as free:
            self.port: int = free.getsockname()[1]
        (folder / "password").write_text(PASSWORD)

    @property
    def url(self) -> str:
        return f"rtsp://{self.address}:{self.port}/live"

    def start(self) -> None:
        command = [self._python, str(SERVER), self.address, str(self.port), USER, str(self._folder / "password")]
        log = self._folder / "log"
        with log.open("wb") as file:
            self._process = subprocess.Popen(command, stdout=file, stderr=file)
        eventually("the RTSP server listens", lambda: b"listening" in log.read_bytes())

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
