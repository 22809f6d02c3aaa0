"""ARM in a dict: answers by method and path, and remembers what was asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from cloud.arm import Answer
from cloud.errors import ServiceError

Handler = Callable[[Mapping[str, str], Any], Answer]


class FakeArm:
    """Stands where `cloud.arm._send` stands."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str], Any]] = []
        self._handlers: dict[tuple[str, str], list[Handler]] = {}

    def on(self, method: str, path: str, *answers: Answer | ServiceError) -> None:
        """Answers in turn; the last one goes on."""

        def handler(answer: Answer | ServiceError) -> Handler:
            def handle(_: Mapping[str, str], __: Any) -> Answer:
                if isinstance(answer, ServiceError):
                    raise answer
                return answer

            return handle

        self._handlers[method, path] = [handler(answer) for answer in answers]

    def send(self, what: str, method: str, url: str, parameters: Mapping[str, str], body: Any) -> Answer:
        path = urlsplit(url).path
        self.asked.append((method, path, dict(parameters), body))
        handlers = self._handlers.get((method, path))
        if handlers is None:
            raise missing(path)
        return (handlers.pop(0) if len(handlers) > 1 else handlers[0])(parameters, body)

    def paths(self, method: str) -> list[str]:
        return [path for asked, path, _, _ in self.asked if asked == method]


def ok(body: Any = None, status: int = 200, **headers: str) -> Answer:
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def missing(path: str = "it") -> ServiceError:
    return ServiceError(path, 404, "ResourceNotFound", "not found")
