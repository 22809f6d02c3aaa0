"""Keeps the value of a secret out of everything that is shown or stored in the clear.

The engine tells which inputs are secret. Their values may come back at another place (a container list that Azure
reorders, an error text that quotes the request), so places and texts are both searched for the values themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Set

from pluginbase.values import Path, Properties, at, leaves

# Below this length a secret is only matched whole: every text contains a "1".
_SEARCHED = 8
_SHOWN = "[secret]"


class Secrets:
    """The secret places of one request, and the strings that lie there.

    secrets = Secrets(({"password": "hunter2-hunter2"}, {("password",)}))
    secrets.scrub("no login with hunter2-hunter2")  # "no login with [secret]"
    secrets.places({"url": "https://u:hunter2-hunter2@host"})  # {("url",), ("password",)}
    """

    def __init__(self, *marked: tuple[Properties, Set[Path]], earlier: Iterable[tuple[Properties, Set[Path]]] = ()):
        """`earlier`: what was secret before this request, kept out of texts; an input may since be secret no more."""
        self.paths: set[Path] = {path for _, paths in marked for path in paths}
        self._strings = _strings(marked)
        self._hidden = self._strings | _strings(earlier)

    def covers(self, name: str) -> bool:
        """Whether the input of this name is or contains a secret."""
        return any(path[0] == name for path in self.paths)

    def scrub(self, text: str) -> str:
        """The text without any secret string in it."""
        for secret in sorted(self._hidden, key=len, reverse=True):
            if len(secret) >= _SEARCHED or text == secret:
                text = text.replace(secret, _SHOWN)
        return text

    def places(self, values: Properties, always: Iterable[str] = ()) -> set[Path]:
        """Where in `values` secrets lie: where they lay in the request, by name, or by content."""
        by_content = {path for path, leaf in leaves(values) if isinstance(leaf, str) and self._is_secret(leaf)}
        return by_content | self.paths | {(name,) for name in always}

    def _is_secret(self, text: str) -> bool:
        return text in self._strings or any(len(secret) >= _SEARCHED and secret in text for secret in self._strings)


def _strings(marked: Iterable[tuple[Properties, Set[Path]]]) -> set[str]:
    secrets = (leaf for values, paths in marked for path in paths for _, leaf in leaves(at(values, path)))
    return {leaf for leaf in secrets if isinstance(leaf, str) and leaf}
