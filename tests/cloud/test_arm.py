"""What ARM, or something before it, may answer instead of what is known: told as its answer, not waited for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from cloud import arm
from cloud.arm import Answer, Arm
from cloud.errors import ServiceError, service_error
from cloud.retrying import RetryLimits
from tests.cloud.recorder import Recorder

NONE = RetryLimits(transient_seconds=0.0, unauthorised_seconds=0.0)


@dataclass
class Response:
    status_code: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def text(self) -> str:
        return self.body


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Response]]:
    """In turn; the last one goes on."""
    given: list[Response] = []

    class Pipeline:
        def send_request(self, request: Any) -> Response:
            return given.pop(0) if len(given) > 1 else given[0]

    monkeypatch.setattr(arm, "_pipeline", Pipeline)
    yield given


@pytest.mark.parametrize(
    ("response", "told"),
    [
        (Response(200, "<html>Please\x1b[2J sign in"), "GET /x: 200: no JSON, which ARM always answers: <html>Please"),
        (Response(200, "[" * 100_000), "GET /x: 200: no JSON"),
        (Response(302, "", {"Location": "https://proxy/login"}), "GET /x: 302: it sends on to https://proxy/login"),
    ],
)
def test_an_answer_that_is_not_arms_is_told_as_one(answers: list[Response], response: Response, told: str) -> None:
    answers.append(response)
    with pytest.raises(ServiceError) as refused:
        Arm(Recorder(), NONE).get("/x", "1")
    assert str(refused.value).startswith(told)
    assert "\x1b" not in str(refused.value)


@pytest.mark.parametrize(
    ("after", "waited"),
    [("86400", 120.0), ("inf", 5.0), ("nan", 5.0), ("-3", 0.1), ("Sun, 29 Nov 2026", 5.0), ("7", 7.0)],
)
def test_an_operation_is_looked_at_again_within_minutes(answers: list[Response], after: str, waited: float) -> None:
    answers += [
        Response(200, '["strange"]', {"Retry-After": after}),
        Response(200, '{"status": "Succeeded"}'),
    ]
    operation = Recorder()
    Arm(operation, NONE).follow(Answer(202, {"Azure-AsyncOperation": "https://management.azure.com/o"}, None), "it")
    assert operation.waited == [waited]


@pytest.mark.parametrize(("after", "found"), [("nan", None), ("inf", None), ("-1", None), ("3", 3.0)])
def test_a_strange_retry_after_of_an_sdk_is_none(after: str, found: float | None) -> None:
    class HttpResponseError(Exception):
        status_code = 429
        response = Response(429, "", {"Retry-After": after})

    error = service_error(HttpResponseError(), "it")
    assert error is not None and error.retry_after == found


def test_what_arm_answers_is_repeated_where_it_is_told_and_not_slept_over_in_the_pipeline() -> None:
    from azure.core.pipeline.policies import RetryPolicy

    (retry,) = [
        one
        for one in (getattr(policy, "_policy", policy) for policy in arm._pipeline()._pipeline._impl_policies)
        if isinstance(one, RetryPolicy)
    ]
    assert (retry.total_retries, retry.status_retries) == (1, 0)


@pytest.mark.parametrize(
    "url", ["http://management.azure.com/o", "https://evil.example/o", "https://management.azure.com.evil.example/o"]
)
def test_a_token_goes_to_no_other_host_than_arms(url: str) -> None:
    with pytest.raises(ServiceError, match="which is no address of management"):
        Arm(Recorder(), NONE).follow(Answer(202, {"Location": url}, None), "it")
