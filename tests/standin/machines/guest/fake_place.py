"""A machine in a folder: its owners are remembered, its units and sockets are answered from tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from standin.machines.guest.place import Place, Unanswered

Answers = Callable[[str, str, Any], Any]
"""(method, path, body); raises Unanswered."""
USERS = ("root", "aziotks", "aziotcs", "aziotid", "aziottpm", "iotedge")


class FakePlace(Place):
    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.owners: dict[str, tuple[str, int]] = {}
        self.users: set[str] = set(USERS)
        self.root_asks = True
        self.called: list[tuple[str, ...]] = []
        self.states: dict[str, str] = {}
        self.sockets: dict[str, Answers] = {}
        self.hub: Callable[[str, str, str], Any] = lambda hub, path, token: []
        self.host: Answers = lambda method, path, body: None

    def lay(self, name: str, content: str | bytes, user: str = "root", mode: int = 0o600) -> None:
        self.write(name, content.encode() if isinstance(content, str) else content, user, mode)

    def is_root(self) -> bool:
        return self.root_asks

    def user(self, name: str) -> bool:
        return name in self.users

    def owner(self, name: str) -> tuple[str, int]:
        self.path(name).stat()
        return self.owners[name]

    def give(self, name: str, user: str, mode: int) -> None:
        self.owners[name] = (user, mode)

    def systemctl(self, *arguments: str) -> tuple[int, str]:
        self.called.append(arguments)
        if arguments[0] == "is-active":
            return 0, self.states.get(arguments[-1], "active")
        return 0, ""

    def ask_socket(self, name: str, method: str, path: str, body: object = None) -> Any:
        if name not in self.sockets:
            raise Unanswered(f"unix://{name} does not answer")
        return self.sockets[name](method, path, body)

    def ask_host(self, method: str, path: str, body: object = None) -> Any:
        return self.host(method, path, body)

    def ask_hub(self, hub: str, path: str, token: str) -> Any:
        return self.hub(hub, path, token)
