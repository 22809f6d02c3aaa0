"""`python -m standin` as a process: files, locks, ports, signals, and what a kill -9 leaves."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from standin.__main__ import main
from standin.core.auth import SUBSCRIPTION_ID
from tests.ports import free_port_base
from tests.waiting import DEADLINE_S

pytestmark = pytest.mark.slow

GROUP = f"https://management.azure.com/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/rg?api-version=2024-11-01"


@contextmanager
def process(state: Path, base: int) -> Iterator[subprocess.Popen[bytes]]:
    """A stand-in that answers; killed at the end if it still runs."""
    running = subprocess.Popen([sys.executable, "-m", "standin", "--state", state, "--port-base", str(base)])
    try:
        wait_until_ready(running, base)
        yield running
    finally:
        running.kill()
        running.wait()


def wait_until_ready(running: subprocess.Popen[bytes], base: int) -> None:
    deadline = time.monotonic() + DEADLINE_S
    with requests.Session() as session:
        session.trust_env = False
        while time.monotonic() < deadline:
            assert running.poll() is None, "the stand-in ended before it was ready"
            try:
                if session.get(f"http://127.0.0.1:{base + 3}/_standin/health", timeout=DEADLINE_S).ok:
                    return
            except requests.ConnectionError:
                deadline_passed = time.monotonic() >= deadline
                assert not deadline_passed
                os.sched_yield()
    raise AssertionError("the stand-in was not ready in time")


def environment(state: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in (state / "env").read_text().splitlines())


def arm(state: Path, method: str) -> requests.Response:
    """One call as a client with this state folder's environment makes it."""
    env = environment(state)
    proxies, ca = {"https": env["HTTPS_PROXY"]}, env["REQUESTS_CA_BUNDLE"]
    token = requests.post(
        f"https://login.microsoftonline.com/{env['AZURE_TENANT_ID']}/oauth2/v2.0/token",
        data={
            "grant_type": "client_credentials",
            "client_id": env["AZURE_CLIENT_ID"],
            "client_secret": env["AZURE_CLIENT_SECRET"],
            "scope": "https://management.azure.com/.default",
        },
        proxies=proxies,
        verify=ca,
        timeout=DEADLINE_S,
    ).json()["access_token"]
    return requests.request(
        method,
        GROUP,
        json={"location": "westeurope"} if method == "PUT" else None,
        headers={"Authorization": f"Bearer {token}"},
        proxies=proxies,
        verify=ca,
        timeout=DEADLINE_S,
    )


def test_a_kill_leaves_everything_answered_before_it(tmp_path: Path) -> None:
    base = free_port_base()
    with process(tmp_path, base) as first:
        assert stat.S_IMODE((tmp_path / "env").stat().st_mode) == 0o600
        assert (tmp_path / "pid").read_text().strip() == str(first.pid)
        before = environment(tmp_path), (tmp_path / "ca.pem").read_bytes()
        assert arm(tmp_path, "PUT").status_code == 201
        first.send_signal(signal.SIGKILL)
        first.wait()
    with process(tmp_path, base) as second:
        assert (environment(tmp_path), (tmp_path / "ca.pem").read_bytes()) == before
        assert arm(tmp_path, "GET").status_code == 200
        secret = before[0]["AZURE_CLIENT_SECRET"]
        assert secret not in (tmp_path / "standin.log").read_text()
        second.send_signal(signal.SIGTERM)
        assert second.wait(timeout=DEADLINE_S) == 0
    assert not (tmp_path / "pid").exists()


def test_two_on_one_folder_and_a_taken_port_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = free_port_base()
    with process(tmp_path / "one", base) as first:
        refused = subprocess.run(
            [sys.executable, "-m", "standin", "--state", tmp_path / "one"],
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
        assert refused.returncode == 2
        assert f"in use by another stand-in (pid {first.pid})" in refused.stderr
        refused = subprocess.run(
            [sys.executable, "-m", "standin", "--state", tmp_path / "two", "--port-base", str(base)],
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
        assert refused.returncode == 2
        assert f"port {base} on 127.0.0.1, wanted for the CONNECT proxy, is taken" in refused.stderr
        assert f"sport = :{base}" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "--state"),
        (["--state", "x", "--profile", "medium"], "'medium' (choose from"),
        (["--state", "x", "--port-base", "80"], "must be a number from 1024 to 65532, got '80'"),
    ],
)
def test_bad_arguments_are_refused_by_name(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refusal:
        main(arguments)
    assert refusal.value.code == 2
    assert complaint in capsys.readouterr().err
