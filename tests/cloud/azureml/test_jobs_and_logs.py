"""Jobs through ARM, and their logs through the run history: what is asked, with which token, and what is made of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest

from cloud import arm
from cloud.arm import Answer, Arm
from cloud.azureml import run_history
from cloud.azureml.jobs import Jobs
from cloud.azureml.run_history import RunHistory
from cloud.errors import ServiceError
from cloud.retrying import RetryLimits
from tests.cloud.recorder import Recorder

NONE = RetryLimits(transient_seconds=0.0, unauthorised_seconds=0.0)
WORKSPACE = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws"
REGION = "https://westeurope.api.azureml.ms"
LOG = "https://store.blob.core.windows.net/azureml/std_log.txt?sig=s"
Ask = Callable[[str, str], Answer]


def body(name: str, status: str) -> dict[str, Any]:
    properties = {"status": status, "tags": {"inputs": "i"}, "computeId": f"{WORKSPACE}/computes/cpu"}
    return {"name": name, "properties": properties, "systemData": {"createdAt": "2026-01-01T00:00:00Z"}}


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[tuple[str, str], Any]]:
    """Of ARM, by method and path; what is not there is missing."""
    known: dict[tuple[str, str], Any] = {}

    def send(what: str, method: str, url: str, parameters: Mapping[str, str], sent: Any) -> Answer:
        path = urlsplit(url).path
        answer = known.get((method, path), ServiceError(what, 404, "UserError", "not found"))
        if isinstance(answer, Exception):
            raise answer
        return Answer(200, {}, answer)

    monkeypatch.setattr(arm, "_send", send)
    yield known


def jobs() -> Jobs:
    return Jobs(Arm(Recorder(), NONE), WORKSPACE)


def test_a_job_is_read_and_one_that_is_not_there_is_none(answers: dict[tuple[str, str], Any]) -> None:
    answers["GET", f"{WORKSPACE}/jobs/a-1"] = body("a-1", "Queued")

    job = jobs().get("a-1")

    assert job is not None
    assert (job.status, job.compute, job.tags, job.has_ended) == ("Queued", "cpu", {"inputs": "i"}, False)
    assert jobs().get("a-2") is None


def test_all_pages_of_a_workspaces_jobs_are_listed_and_none_of_one_that_is_gone(
    answers: dict[tuple[str, str], Any],
) -> None:
    assert list(jobs().all()) == []
    first = {"value": [body("a-2", "Running")], "nextLink": f"https://management.azure.com{WORKSPACE}/more"}
    answers["GET", f"{WORKSPACE}/jobs"] = first
    answers["GET", f"{WORKSPACE}/more"] = {"value": [body("a-1", "Failed")]}
    assert [(job.name, job.has_ended) for job in jobs().all()] == [("a-2", False), ("a-1", True)]


def test_a_job_that_ended_meanwhile_needs_no_cancelling_and_another_refusal_is_told(
    answers: dict[tuple[str, str], Any],
) -> None:
    refusal = ServiceError("POST", 400, "UserError", "the job cannot be cancelled in its state")
    answers["POST", f"{WORKSPACE}/jobs/a-1/cancel"] = refusal
    answers["GET", f"{WORKSPACE}/jobs/a-1"] = body("a-1", "Completed")
    jobs().cancel("a-1")
    jobs().cancel("gone-1")

    answers["GET", f"{WORKSPACE}/jobs/a-1"] = body("a-1", "Running")
    with pytest.raises(ServiceError, match="cannot be cancelled"):
        jobs().cancel("a-1")


@dataclass
class Response:
    content: bytes
    status_code: int = 200

    def text(self) -> str:
        return self.content.decode()

    def read(self) -> bytes:
        return self.content


@dataclass
class Web:
    """What stands at addresses, asked with a token or without."""

    pages: dict[str, Any] = field(default_factory=dict)
    with_token: list[str] = field(default_factory=list)
    without: list[str] = field(default_factory=list)

    def client(self, asked: list[str]) -> Any:
        web = self

        class Client:
            def send_request(self, request: Any) -> Response:
                asked.append(request.url)
                page = web.pages[request.url]
                return page(request) if callable(page) else Response(json.dumps(page).encode())

        return Client()


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch, answers: dict[tuple[str, str], Any]) -> Web:
    web = Web()
    monkeypatch.setattr(run_history, "_signed_in", lambda: web.client(web.with_token))
    monkeypatch.setattr(run_history, "_plain", lambda: web.client(web.without))
    answers["GET", WORKSPACE] = {"properties": {"discoveryUrl": f"{REGION}/discovery"}}
    web.pages[f"{REGION}/discovery"] = {"history": REGION}
    return web


def history() -> RunHistory:
    return RunHistory(Recorder(), WORKSPACE, NONE)


def test_logs_and_reasons_are_found_by_the_workspaces_own_addresses(web: Web) -> None:
    files = {"system_logs/x.log": "https://x", "user_logs/std_log.txt": LOG}
    details = {"logFiles": files, "error": {"error": {"code": "UserError", "message": "out of memory"}}}
    web.pages[f"{REGION}/history/v1.0{WORKSPACE}/runs/a-1/details?api-version=v1.0"] = details

    found = history().details("a-1")

    assert (found.standard_log, found.error) == (LOG, "out of memory")


def test_a_log_is_read_on_without_a_token_whether_or_not_the_store_obeys_a_range(web: Web) -> None:
    def ranged(request: Any) -> Response:
        begin = int(request.headers.get("Range", "bytes=0-")[6:-1])
        text = b"one\ntwo\n"
        return Response(text[begin:], 206) if begin < len(text) else Response(b"", 416)

    web.pages[LOG] = ranged
    assert [history().log(LOG, begin) for begin in (0, 4, 8)] == [b"one\ntwo\n", b"two\n", b""]
    web.pages[LOG] = lambda request: Response(b"one\ntwo\n")
    assert history().log(LOG, 4) == b"two\n"
    assert web.with_token == []


@pytest.mark.parametrize(
    "url", ["https://evil.example/", "http://westeurope.api.azureml.ms/", "https://x@a.azureml.ms/", ""]
)
def test_no_other_address_gets_the_token(web: Web, answers: dict[tuple[str, str], Any], url: str) -> None:
    answers["GET", WORKSPACE] = {"properties": {"discoveryUrl": url}}
    with pytest.raises(ServiceError, match=r"which is no address of azureml\.ms"):
        history().details("a-1")
    assert web.with_token == web.without == []
