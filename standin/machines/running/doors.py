"""A machine's doors to the stand-in: Unix sockets in a folder of its own, mounted into the container around it and
nowhere else. What comes through one is this machine's; the control surface is behind none.

A socket's path may be 107 bytes long, and a state folder lies anywhere: they are bound by their folder's descriptor.
"""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from pathlib import Path
from typing import Any

from standin.core.certificates import Authority
from standin.core.part import CONTROL_PREFIX
from standin.core.serving.listeners import Listener

Asgi = Callable[[MutableMapping[str, Any], Any, Any], Awaitable[None]]

_FABRIC = Path(__file__).parents[1] / "guest" / "fabric.py"


class Doors:
    def __init__(self, folder: Path, authority: Authority) -> None:
        self._folder = folder
        self._authority = authority
        self._open: dict[str, list[Listener]] = {}
        self._application: Asgi | None = None
        self._served: Callable[[], Sequence[str]] = tuple

    def to(self, application: Asgi, served: Callable[[], Sequence[str]]) -> None:
        """`served` answers the names that a machine finds now, suffixes with a leading dot."""
        self._application, self._served = application, served

    def folder(self, vm_id: str) -> Path:
        return self._folder / vm_id

    async def open(self, vm_id: str) -> None:
        """Also again: after a start of the stand-in the container finds new sockets at the old names."""
        if vm_id in self._open:
            return
        assert self._application is not None, "the stand-in has no application yet"
        folder = self.folder(vm_id)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copyfile(_FABRIC, folder / "fabric.py")
        (folder / "names").write_text("".join(f"{name}\n" for name in self._served()))
        door = _door(self._application, vm_id)
        self._open[vm_id] = [Listener(door), Listener(door, self._authority)]
        for name, listener in zip(("plain", "tls"), self._open[vm_id], strict=True):
            await listener.start([_bound(folder, f"{name}.sock")])

    async def close(self, vm_id: str) -> None:
        listeners = self._open.pop(vm_id, [])
        for listener in listeners:
            listener.end()
        for listener in listeners:
            await listener.stop()

    async def close_all(self) -> None:
        for vm_id in list(self._open):
            await self.close(vm_id)

    async def forget(self, vm_id: str) -> None:
        await self.close(vm_id)
        shutil.rmtree(self.folder(vm_id), ignore_errors=True)


def _door(application: Asgi, vm_id: str) -> Asgi:
    async def enter(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if str(scope.get("path", "")).startswith(CONTROL_PREFIX):
            scope["path"], scope["raw_path"] = "/", b"/"
        scope["client"] = ("machine", 0)
        scope["state"] = {**scope.get("state", {}), "machine": vm_id}
        await application(scope, receive, send)

    return enter


def _bound(folder: Path, name: str) -> socket.socket:
    (folder / name).unlink(missing_ok=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(f"/proc/self/fd/{descriptor}/{name}")
    finally:
        os.close(descriptor)
    listener.listen(512)
    listener.setblocking(False)
    return listener
