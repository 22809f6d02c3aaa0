"""Azure's answers for a stack, by the end of the path that is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cli.needs.subscription import Place
from cloud.errors import ServiceError
from cloud.naming import Names

S = "/subscriptions/s"
REFUSED = ServiceError("GET x", 403, "AuthorizationFailed", "The client has no authorization")
MISSING = ServiceError("GET x", 404, "ResourceNotFound", "not found")


@dataclass(frozen=True, kw_only=True)
class Azure(Place):
    """Answers by the end of the path; what has no answer does not exist."""

    answers: Mapping[str, Any] = field(default_factory=dict)
    posted: list[tuple[str, Any]] = field(default_factory=list)

    def get(self, path: str, api_version: str, **query: str) -> Any:
        for end, answer in self.answers.items():
            if path.endswith(end):
                if isinstance(answer, ServiceError):
                    raise answer
                return answer
        raise MISSING

    def post(self, path: str, api_version: str, body: Mapping[str, Any]) -> Any:
        self.posted.append((path, body))
        return self.get(path, api_version)


def azure(answers: Mapping[str, Any], *, existing: str | None = None, config: Mapping[str, Any] | None = None) -> Azure:
    names = Names.derive(
        project="edgeway", environment="dev", stack="dev", subscription_id="s", existing_group=existing
    )
    endpoint = {"kind": "containerGroup", "cpu": 2.0, "memoryGb": 3.0}
    given = {"location": "westeurope", "models": [{"endpoints": [endpoint]}], **(config or {})}
    return Azure(id="s", config=given, names=names, answers=answers)
