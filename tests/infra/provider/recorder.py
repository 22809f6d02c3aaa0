"""An operation's context that keeps what the user would see, and never sleeps for long."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pluginbase.engine import Severity
from pluginbase.resource import Failure, OperationContext, Properties, Resource

URN = "urn:pulumi:local::edgeway::mledge:any:Type::thing"


class Recorder(OperationContext):
    def __init__(self, urn: str = URN) -> None:
        super().__init__(urn=urn)
        self.logs: list[str] = []
        self.severities: list[str] = []
        self.statuses: list[str] = []
        self.waited: list[float] = []

    def log(self, message: str, severity: Severity = "info") -> None:
        self.logs.append(message)
        self.severities.append(severity)

    def status(self, message: str) -> None:
        self.statuses.append(message)

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        super().wait(min(seconds, 0.02))


def checked(resource: Resource, news: Properties, olds: Properties | None = None) -> Properties:
    inputs, failures = resource.check(Recorder(), olds or {}, news)
    assert failures == []
    return inputs


def refused(resource: Resource, news: Properties) -> list[Failure]:
    return resource.check(Recorder(), {}, news)[1]


@contextmanager
def service_down(monkeypatch: Any, target: Any, name: str, times: int, error: Exception) -> Iterator[list[int]]:
    """Makes a function fail `times` times before it works again."""
    real, failed = getattr(target, name), [0]

    def flaky(*arguments: Any, **options: Any) -> Any:
        if failed[0] < times:
            failed[0] += 1
            raise error
        return real(*arguments, **options)

    monkeypatch.setattr(target, name, flaky)
    yield failed
