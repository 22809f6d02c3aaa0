"""The machine that a command runs on: its files with their owners, its units, and what answers on its sockets."""

from __future__ import annotations

import grp
import http.client
import json
import os
import pwd
import socket
import stat
import subprocess
from pathlib import Path
from typing import Any

HOST = "168.63.129.16"
"""Where a machine asks what it stands on; the real one's agent finds Azure's wire server there."""


class Unanswered(Exception):
    """Nobody answers there, or not with what was asked for."""


class Place:
    """`root` is / but in tests."""

    def __init__(self, root: Path = Path("/")) -> None:
        self.root = root

    def path(self, name: str) -> Path:
        return self.root / name.lstrip("/")

    def is_root(self) -> bool:
        return os.geteuid() == 0

    def user(self, name: str) -> bool:
        try:
            pwd.getpwnam(name)
        except KeyError:
            return False
        return True

    def owner(self, name: str) -> tuple[str, int]:
        """(user, permission bits). OSError."""
        found = self.path(name).stat()
        try:
            user = pwd.getpwuid(found.st_uid).pw_name
        except KeyError:
            user = str(found.st_uid)
        return user, stat.S_IMODE(found.st_mode)

    def give(self, name: str, user: str, mode: int) -> None:
        os.chown(self.path(name), pwd.getpwnam(user).pw_uid, grp.getgrnam(user).gr_gid)
        self.path(name).chmod(mode)

    def write(self, name: str, content: bytes, user: str, mode: int) -> None:
        """Anew, so that nothing of an earlier file's owner and mode is left."""
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        self.give(name, user, mode)

    def systemctl(self, *arguments: str) -> tuple[int, str]:
        """(exit code, what it printed)"""
        done = subprocess.run(["systemctl", *arguments], capture_output=True, text=True, check=False)
        return done.returncode, (done.stdout + done.stderr).strip()

    def ask_socket(self, name: str, method: str, path: str, body: object = None) -> Any:
        """One request to an HTTP server on a Unix socket. Unanswered."""
        connection = _OverSocket(str(self.path(name)))
        return _asked(connection, f"unix://{name}", method, path, body)

    def ask_host(self, method: str, path: str, body: object = None) -> Any:
        """Unanswered."""
        return _asked(http.client.HTTPConnection(HOST, 80, timeout=30), HOST, method, path, body)

    def ask_hub(self, hub: str, path: str, token: str) -> Any:
        """Unanswered, with the hub's status."""
        connection = http.client.HTTPSConnection(hub, 443, timeout=30)
        return _asked(connection, hub, "GET", path, None, {"Authorization": token})


class _OverSocket(http.client.HTTPConnection):
    def __init__(self, name: str) -> None:
        super().__init__("localhost", timeout=10)
        self._name = name

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(10)
        self.sock.connect(self._name)


def _asked(
    connection: http.client.HTTPConnection,
    where: str,
    method: str,
    path: str,
    body: object,
    headers: dict[str, str] | None = None,
) -> Any:
    content = None if body is None else json.dumps(body).encode()
    try:
        connection.request(method, path, content, {"Content-Type": "application/json", **(headers or {})})
        answer = connection.getresponse()
        text = answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise Unanswered(f"{where} does not answer: {error}") from error
    finally:
        connection.close()
    if answer.status >= 300:
        raise Unanswered(f"{where} answers {answer.status}{_said(text)}")
    return json.loads(text or b"null")


def _said(text: bytes) -> str:
    """What one of this machine's own daemons says beside its status."""
    try:
        return f": {json.loads(text)['message']}"
    except (ValueError, KeyError, TypeError):
        return ""
