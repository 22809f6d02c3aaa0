"""The real docker-registry under supervision."""

from __future__ import annotations

import asyncio
import os
import signal
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from standin.containerregistry.errors import RegistryUnavailable
from standin.containerregistry.process import RegistryProcess, runs_with
from standin.containerregistry.signer import Signer, certificate_path
from standin.core.serving.listeners import bind
from tests.ports import free_port
from tests.waiting import DEADLINE_S

pytestmark = pytest.mark.docker


def status(port: int, token: str | None = None) -> int:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/v2/")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code
    except urllib.error.URLError:
        return 0


async def until(condition: Callable[[], bool], seconds: float = DEADLINE_S) -> None:
    deadline = asyncio.get_running_loop().time() + seconds
    while not await asyncio.to_thread(condition):
        assert asyncio.get_running_loop().time() < deadline, "the condition never held"
        await asyncio.sleep(0.02)


def make(folder: Path, port: int) -> RegistryProcess:
    Signer.of(folder / "keys")
    return RegistryProcess(
        folder / "registry",
        port=port,
        realm="http://127.0.0.1:1/oauth2/token",
        service=f"127.0.0.1:{port}",
        issuer="edgeway-standin",
        certificate=certificate_path(folder / "keys"),
    )


@pytest.fixture
async def port() -> int:
    return free_port()


@pytest.fixture
async def registry(tmp_path: Path, port: int) -> AsyncIterator[RegistryProcess]:
    process = make(tmp_path, port)
    await process.start()
    yield process
    await process.remove()


async def test_the_registry_believes_our_tokens_and_no_others(
    registry: RegistryProcess, tmp_path: Path, port: int
) -> None:
    def token(folder: Path, service: str) -> str:
        return Signer.of(folder).access_token(issuer="edgeway-standin", service=service, subject="s", access=[])

    assert await asyncio.to_thread(status, port) == 401
    assert await asyncio.to_thread(status, port, token(tmp_path / "keys", f"127.0.0.1:{port}")) == 200
    assert await asyncio.to_thread(status, port, token(tmp_path / "others", f"127.0.0.1:{port}")) == 401
    assert await asyncio.to_thread(status, port, token(tmp_path / "keys", "127.0.0.1:1")) == 401


async def test_a_registry_that_dies_is_started_again(registry: RegistryProcess, port: int) -> None:
    first = registry.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await until(lambda: registry.pid not in (None, first) and status(port) == 401)


async def test_the_registry_of_a_killed_stand_in_is_replaced(tmp_path: Path, port: int) -> None:
    left_behind = make(tmp_path, port)
    await left_behind.start()
    orphan = left_behind.pid
    assert orphan is not None and left_behind._watch is not None
    left_behind._watch.cancel()  # from here on nobody looks after it, as after kill -9
    heir = make(tmp_path, port)
    await heir.start()
    assert heir.pid != orphan
    assert not runs_with(orphan, tmp_path / "registry" / "config.yml")
    assert await asyncio.to_thread(status, port) == 401
    await heir.remove()
    assert await asyncio.to_thread(status, port) == 0
    assert not (tmp_path / "registry").exists()


async def test_a_foreign_process_with_the_remembered_pid_is_left_alone(tmp_path: Path, port: int) -> None:
    bystander = await asyncio.create_subprocess_exec("sleep", "60")
    (tmp_path / "registry").mkdir()
    (tmp_path / "registry" / "pid").write_text(f"{bystander.pid}\n")
    registry = make(tmp_path, port)
    await registry.start()
    assert bystander.returncode is None
    bystander.kill()
    await bystander.wait()
    await registry.remove()


async def test_a_port_in_use_is_refused_with_the_registrys_own_words(tmp_path: Path, port: int) -> None:
    with bind("127.0.0.1", port, "another"), pytest.raises(RegistryUnavailable, match="address already in use"):
        await make(tmp_path, port).start()
