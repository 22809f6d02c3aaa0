"""Small checks that resource types share: each names the value and what is allowed, and lets pass what is not known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pluginbase.resource import Failure, Properties
from pluginbase.values import has_unknown


class Checks:
    """Collects the failures of one `check`."""

    def __init__(self, news: Properties) -> None:
        self.news = news
        self.failures: list[Failure] = []

    def known(self, name: str) -> bool:
        return name in self.news and not has_unknown(self.news[name])

    def fail(self, path: str, reason: str) -> None:
        self.failures.append(Failure(path, reason))

    def only(self, required: Iterable[str], optional: Iterable[str] = ()) -> None:
        wanted = [*required, *optional]
        for name in required:
            if self.news.get(name) is None:
                self.fail(name, "is missing")
        for name in self.news:
            if name not in wanted and not name.startswith("__"):
                self.fail(name, f"is not known here; allowed: {', '.join(wanted)}")

    def text(self, name: str, pattern: str, allowed: str) -> None:
        if not self.known(name) or self.news[name] is None:
            return
        value = self.news[name]
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            self.fail(name, f"{value!r} is refused; {allowed}")

    def whole(self, name: str, low: int, high: int) -> None:
        if not self.known(name) or self.news[name] is None:
            return
        value = self.news[name]
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            self.fail(name, f"{value!r} is refused; a whole number from {low} to {high} is wanted")

    def one_of(self, name: str, allowed: Iterable[str]) -> None:
        if self.known(name) and self.news[name] is not None and self.news[name] not in allowed:
            self.fail(name, f"{self.news[name]!r} is refused; allowed: {', '.join(allowed)}")

    def mapping(self, name: str) -> Mapping[str, Any]:
        """The object under a name; empty where it is absent or not known yet."""
        value = self.news.get(name)
        if isinstance(value, Mapping):
            return value
        if self.known(name) and value is not None:
            self.fail(name, f"{value!r} is refused; an object is wanted")
        return {}


def with_defaults(news: Properties, **defaults: Any) -> Properties:
    return {**defaults, **{name: value for name, value in news.items() if value is not None}}
