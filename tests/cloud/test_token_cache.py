"""One `az` for each audience, however many ask, with azure-identity between us and an `az` of the test's own."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from azure.core.credentials import AccessToken

from cloud.errors import Kind, service_error
from cloud.operation import Waiting
from cloud.retrying import RetryLimits, with_retries
from cloud.sessions import forget_sessions
from cloud.sign_in import credential
from cloud.token_cache import CachedCredential

ARM, HUB = "https://management.azure.com/.default", "https://iothubs.azure.net/.default"
AZ = """#!{python}
import json, sys, time
open({starts!r}, "a").write(sys.argv[sys.argv.index("--resource") + 1] + "\\n") if "--resource" in sys.argv else None
time.sleep(float(open({delay!r}).read()))
print(json.dumps({{"accessToken": "t", "expires_on": int(time.time()) + 3600, "expiresOn": "", "tokenType": "Bearer"}}))
"""


class Az:
    """`az` on PATH that takes as long as a test says, and writes down what it was started for."""

    def __init__(self, folder: Path) -> None:
        self._starts, self._delay = folder / "starts", folder / "delay"
        self._starts.touch()
        self.takes(0.0)
        binary = folder / "az"
        binary.write_text(AZ.format(python=sys.executable, starts=str(self._starts), delay=str(self._delay)))
        binary.chmod(0o755)

    def takes(self, seconds: float) -> None:
        self._delay.write_text(str(seconds))

    @property
    def starts(self) -> list[str]:
        return self._starts.read_text().split()


@pytest.fixture
def az(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Az]:
    for name in ("AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_CLIENT_SECRET", "ACTIONS_ID_TOKEN_REQUEST_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "AzureCliCredential")
    forget_sessions()
    yield Az(tmp_path)
    forget_sessions()


def test_eleven_that_ask_at_once_of_a_slow_az_start_it_once_for_each_audience(az: Az) -> None:
    az.takes(0.3)
    together = threading.Barrier(11)

    def ask(number: int) -> str:
        together.wait()
        return credential().get_token(HUB if number % 2 else ARM).token

    with ThreadPoolExecutor(11) as pool:
        assert set(pool.map(ask, range(11))) == {"t"}
    assert sorted(az.starts) == ["https://iothubs.azure.net", "https://management.azure.com"]


def test_az_may_take_a_minute(az: Az, monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[Any] = []
    real = subprocess.check_output

    def watched(*arguments: Any, **options: Any) -> Any:
        limits.append(options["timeout"])
        return real(*arguments, **options)

    monkeypatch.setattr(subprocess, "check_output", watched)
    credential().get_token(ARM)
    assert limits == [60]


def test_an_az_that_took_too_long_is_asked_again(az: Az, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cloud.sign_in._AZ_SECONDS", 0.2)
    az.takes(30.0)
    with pytest.raises(Exception, match="Failed to invoke the Azure CLI") as failed:
        credential().get_token(ARM)
    error = service_error(failed.value, "sign-in")
    assert error is not None and error.kind is Kind.TRANSIENT

    class Quicker(Waiting):
        def wait(self, seconds: float) -> None:
            monkeypatch.setattr("cloud.sign_in._AZ_SECONDS", 60)
            forget_sessions()
            az.takes(0.0)

    limits = RetryLimits(transient_seconds=60.0)
    assert with_retries(Quicker(), "sign-in", lambda: credential().get_token(ARM).token, limits) == "t"


class Counted:
    def __init__(self, lifetime_seconds: float) -> None:
        self.lifetime_seconds = lifetime_seconds
        self.asked: list[dict[str, Any]] = []

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        self.asked.append({"scopes": scopes, **options})
        return AccessToken(str(len(self.asked)), int(time.time() + self.lifetime_seconds))


@pytest.mark.parametrize(("lifetime_seconds", "tokens"), [(3600, ["1", "1"]), (299, ["1", "2"])])
def test_a_token_is_kept_until_five_minutes_before_its_end(lifetime_seconds: float, tokens: list[str]) -> None:
    kept = CachedCredential(Counted(lifetime_seconds))
    assert [kept.get_token(ARM).token for _ in tokens] == tokens


def test_each_audience_and_tenant_has_a_token_of_its_own_and_a_challenge_gets_a_new_one() -> None:
    inner = Counted(3600)
    kept = CachedCredential(inner)
    asked = [
        kept.get_token(ARM),
        kept.get_token(HUB),
        kept.get_token(ARM, tenant_id="t"),
        kept.get_token(ARM, claims="{}"),
        kept.get_token(ARM),
    ]
    assert [token.token for token in asked] == ["1", "2", "3", "4", "4"]
    assert inner.asked[2:] == [{"scopes": (ARM,), "tenant_id": "t"}, {"scopes": (ARM,), "claims": "{}"}]


def test_a_sign_in_that_failed_is_tried_anew_by_the_next_who_asks() -> None:
    class Failing(Counted):
        def get_token(self, *scopes: str, **options: Any) -> AccessToken:
            token = super().get_token(*scopes, **options)
            if len(self.asked) == 1:
                raise ValueError("not yet")
            return token

    kept = CachedCredential(Failing(3600))
    with pytest.raises(ValueError, match="not yet"):
        kept.get_token(ARM)
    assert kept.get_token(ARM).token == "2"
