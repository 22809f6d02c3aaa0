"""A trained artifact, scripts made on the spot, and a real worker on real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trustme

from contracts.card import Card, Dataset, Golden, Seeds
from images.scoring.edge.module import ModuleClient
from images.scoring.metrics import Metrics
from images.scoring.process.secrets import Secrets, load_secrets
from images.scoring.process.server import listen
from images.scoring.process.settings import Settings
from images.scoring.process.worker import Sockets, Worker, load
from images.scoring.service.script_thread import ScriptThread
from images.scoring.service.service import Service, load_service
from models.anomaly.data import simulate, to_csv
from models.anomaly.model import Hyperparameters
from models.anomaly.train import build
from models.training import write_artifact
from tests.images.scoring.client import Answer, Connection
from tests.waiting import DEADLINE_S

KEY = "a-key-of-the-test"
NORMAL: dict[str, Any] = {
    "machine": {"temperature": 31.16469009, "pressure": 2.158002669},
    "ambient": {"temperature": 21.17794693, "humidity": 25},
    "timeCreated": "2017-10-27T18:14:02.4911177Z",
}
ANOMALY: dict[str, Any] = {
    "machine": {"temperature": 105.5457931, "pressure": 10.63179922},
    "ambient": {"temperature": 20.62029994, "humidity": 26},
    "timeCreated": "2017-10-27T18:14:02.4911177Z",
}
BODY = json.dumps(NORMAL).encode()


@pytest.fixture(scope="session")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("artifact")
    write_artifact(folder, *build(to_csv(simulate()), Hyperparameters()))
    return folder


@pytest.fixture(scope="module")
def service(artifact: Path) -> Service:
    return load_service(artifact, Settings().runs)


@pytest.fixture
def spoiled(artifact: Path, tmp_path: Path) -> Path:
    """A copy of the artifact for the test to break."""
    return Path(shutil.copytree(artifact, tmp_path / "spoiled"))


@pytest.fixture
def scripted(tmp_path: Path) -> Callable[..., Path]:
    """An artifact around an entry script of the test's own."""

    def make(script: str, golden: tuple[Golden, ...] = ()) -> Path:
        folder = tmp_path / "scripted"
        folder.mkdir()
        (folder / "score.py").write_text(script)
        (folder / "model.onnx").write_bytes(b"a model that the script does not load")
        card = Card(
            name="scripted",
            framework={},
            hyperparameters={},
            seeds=Seeds(split_seed=0, seed=0),
            data=Dataset(sha256="00" * 32, rows=1, train=1, test=0),
            metrics={},
            thresholds={},
            input={"type": "object"},
            output={"type": "object"},
            golden=golden,
            licence="MIT",
        )
        (folder / "card.json").write_bytes(card.to_bytes())
        return folder

    return make


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def secrets_folder(authority: trustme.CA, tmp_path: Path) -> Path:
    folder = tmp_path / "secrets"
    folder.mkdir()
    certificate = authority.issue_cert("localhost")
    certificate.private_key_pem.write_to_path(str(folder / "tls.key"))
    (folder / "tls.crt").write_bytes(b"".join(pem.bytes() for pem in certificate.cert_chain_pems))
    (folder / "scoring-key").write_text(f"{KEY}\n")
    return folder


@pytest.fixture
def trust(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@dataclass
class Served:
    worker: Worker
    listener: socket.socket
    """The worker's plain one."""
    port: int
    tls_port: int | None
    task: asyncio.Task[int]
    connections: list[Connection] = field(default_factory=list)

    async def connect(self, tls: ssl.SSLContext | None = None) -> Connection:
        port = self.tls_port if tls is not None else self.port
        assert port is not None
        self.connections.append(await Connection.open(port, tls))
        return self.connections[-1]

    async def request(self, path: str, body: bytes | None = None, **more: Any) -> Answer:
        connection = await self.connect(more.pop("tls", None))
        return await connection.request(path, body, **more)

    async def score(self, value: Any, **more: Any) -> Answer:
        return await self.request("/score", json.dumps(value).encode(), **more)

    async def until(self, condition: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while not await condition():  # noqa: ASYNC110 - over HTTP there is nothing to wait on
                await asyncio.sleep(0.01)

    async def until_loaded(self) -> None:
        async def loaded() -> bool:
            return self.worker.readiness.loaded is not None or self.worker.readiness.failed

        await self.until(loaded)

    async def until_not_alive(self) -> None:
        async def not_alive() -> bool:
            return (await self.request("/live")).status == 503

        await self.until(not_alive)


Serve = Callable[..., contextlib.AbstractAsyncContextManager[Served]]


@pytest.fixture
def serve(artifact: Path) -> Serve:
    @contextlib.asynccontextmanager
    async def serving(
        folder: Path | None = None,
        *,
        secrets: Path | None = None,
        client: Callable[[], ModuleClient] | None = None,
        **settings: Any,
    ) -> AsyncIterator[Served]:
        given = Secrets(key=None, tls=None) if secrets is None else load_secrets(secrets)
        sockets = Sockets(plain=listen("127.0.0.1", 0), tls=listen("127.0.0.1", 0) if given.tls else None)
        ports = sockets.plain.getsockname()[1], sockets.tls.getsockname()[1] if sockets.tls else None
        metrics = Metrics()
        grace = settings.pop("drain_grace_ms", 0)
        read = Settings(artifact=folder or artifact, drain_grace_ms=grace, **settings)
        script = ScriptThread()
        threading.Thread(target=script.work, daemon=True, name="script").start()
        loaded = await script.start(lambda: load(read, metrics.worker(0), script)).done
        worker = Worker(read, sockets=sockets, secrets=given, metrics=metrics, client=client, loaded=loaded)
        served = Served(worker, sockets.plain, *ports, asyncio.create_task(worker.run()))
        await served.until_loaded()
        try:
            yield served
        finally:
            for connection in served.connections:
                await connection.close()
            worker.stop()
            await asyncio.wait_for(served.task, DEADLINE_S)
            script.close()

    return serving
