"""A job of GitHub Actions signs in as azure-identity does it, at the stand-in, which refuses what is too old."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientAssertionCredential

from cloud.errors import Kind, ServiceError
from cloud.federation import Job, job_of
from cloud.sessions import forget_sessions
from cloud.sign_in import credential, object_id_of
from standin.core.auth import DEPLOYER_CLIENT_ID, DEPLOYER_OBJECT_ID, TENANT_ID
from tests.standin.running import RunningStandin, running_standin

ARM, HUB = "https://management.azure.com/.default", "https://iothubs.azure.net/.default"
SIX_MINUTES = 360.0
APPLICATION = {"ARM_CLIENT_ID": "c", "ARM_TENANT_ID": "t"}
IN_JOB = {"ACTIONS_ID_TOKEN_REQUEST_URL": "https://github.example/x?y=1", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "r"}


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningStandin]:
    """This process is a job: it has what `azure/login` and the workflow's `env` leave, and no secret."""
    with running_standin(tmp_path, services=()) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        for name in ("AZURE_CLIENT_SECRET", "AZURE_CLIENT_ID", "AZURE_TENANT_ID", "ARM_CLIENT_SECRET"):
            monkeypatch.delenv(name)
        monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_URL", f"{running.surface}/actions/oidc-token?api-version=2.0")
        monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", running.control_token)
        forget_sessions()
        yield running
        forget_sessions()


def assertion_of(running: RunningStandin, audience: str = "api://AzureADTokenExchange") -> str:
    url = f"{running.surface}/actions/oidc-token"
    headers = {"Authorization": f"Bearer {running.control_token}"}
    answer = requests.get(url, params={"audience": audience}, headers=headers, timeout=30)
    return str(answer.json()["value"])


def test_a_job_gets_a_token_for_another_audience_long_after_its_first(job: RunningStandin) -> None:
    assert object_id_of(credential().get_token(ARM).token) == DEPLOYER_OBJECT_ID
    job.do(lambda base: base.clock.advance(SIX_MINUTES))
    assert object_id_of(credential().get_token(HUB).token) == DEPLOYER_OBJECT_ID


def test_an_assertion_that_was_kept_does_not_do_for_it(job: RunningStandin) -> None:
    """As `az login` keeps the one that it was given."""
    kept = assertion_of(job)
    with ClientAssertionCredential(TENANT_ID, DEPLOYER_CLIENT_ID, lambda: kept) as az:
        az.get_token(ARM)
        job.do(lambda base: base.clock.advance(SIX_MINUTES))
        with pytest.raises(ClientAuthenticationError, match="AADSTS700024"):
            az.get_token(HUB)


@pytest.mark.parametrize(("audience", "code"), [("https://other", "AADSTS700213"), (None, "AADSTS700027")])
def test_an_assertion_for_somebody_else_or_by_somebody_else_is_refused(
    job: RunningStandin, audience: str | None, code: str
) -> None:
    given = assertion_of(job, audience) if audience else "e30.e30.e30"
    with (
        ClientAssertionCredential(TENANT_ID, DEPLOYER_CLIENT_ID, lambda: given) as signed_in,
        pytest.raises(ClientAuthenticationError, match=code),
    ):
        signed_in.get_token(ARM)


def test_a_job_whose_github_does_not_answer_says_so_and_is_tried_again() -> None:
    silent = Job(url="http://127.0.0.1:9/token", request_token="r", client="c", tenant="t")
    with pytest.raises(ServiceError, match="the job's OIDC token: no answer") as refused:
        silent.assertion()
    assert refused.value.kind is Kind.TRANSIENT


def test_a_job_that_may_not_have_a_token_is_told_with_githubs_status(job: RunningStandin) -> None:
    refused = Job(url=f"{job.surface}/nowhere", request_token="r", client="c", tenant="t")
    with pytest.raises(ServiceError, match="the job's OIDC token: 404"):
        refused.assertion()


@pytest.mark.parametrize("answer", [b"<html>", b"{}", b"[1]", b'{"value": null}', b"[" * 100_000, b"\xff"])
def test_an_answer_of_githubs_without_a_token_is_told_and_is_no_assertion(
    monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    monkeypatch.setattr("urllib.request.urlopen", lambda request, timeout: io.BytesIO(answer))
    with pytest.raises(ServiceError, match="the job's OIDC token: 200: GitHub's answer has no token in it"):
        Job(url="https://github.example/x", request_token="r", client="c", tenant="t").assertion()


@pytest.mark.parametrize(
    ("environment", "client"),
    [
        ({**IN_JOB, **APPLICATION}, "c"),
        ({**IN_JOB, **APPLICATION, "AZURE_CLIENT_ID": "a", "AZURE_TENANT_ID": "t"}, "a"),
        ({**IN_JOB, **APPLICATION, "AZURE_CLIENT_SECRET": "s"}, None),
        (IN_JOB, None),
        (APPLICATION, None),
    ],
)
def test_a_job_is_one_that_may_ask_and_has_no_other_way(environment: dict[str, str], client: str | None) -> None:
    job = job_of(environment)
    assert (job and job.client) == client
