"""One docker-registry process: started, watched, stopped, and found again after the stand-in itself was killed.

Configuration: https://distribution.github.io/distribution/about/configuration/ (2.8). It keeps blobs and manifests;
who may do what it reads from the token that every request must carry.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import secrets
import shutil
import signal
from collections import deque
from pathlib import Path

from standin.containerregistry.errors import RegistryUnavailable
from standin.containers import http_client

log = logging.getLogger(__name__)

PROGRAM = "docker-registry"
_START_DEADLINE_S = 15.0
_STOP_DEADLINE_S = 5.0
_POLL_S = 0.05
_ANSWER_SECONDS = 1
_RESTART_DELAYS_S = (0.2, 1.0, 5.0)  # the last one is kept


class RegistryProcess:
    def __init__(self, folder: Path, *, port: int, realm: str, service: str, issuer: str, certificate: Path) -> None:
        self._folder = folder
        self._port = port
        self._token = {"realm": realm, "service": service, "issuer": issuer, "rootcertbundle": str(certificate)}
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def start(self) -> None:
        if self._watch is not None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        await self._end_orphan()
        self._write_configuration()
        await self._spawn()
        self._watch = asyncio.create_task(self._keep_running(), name=f"docker-registry:{self._port}")

    async def stop(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
            self._watch = None
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), _STOP_DEADLINE_S)
            except TimeoutError:
                process.kill()
                await process.wait()
        self._pid_file.unlink(missing_ok=True)

    async def remove(self) -> None:
        """Stop, and delete everything that was ever pushed."""
        if self._process is None:
            await self._end_orphan()
        await self.stop()
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    async def _keep_running(self) -> None:
        failures = 0
        while True:
            process = self._process
            if process is not None:
                await process.wait()
                log.warning(
                    "docker-registry on port %d ended with %s; starting it again", self._port, process.returncode
                )
            await asyncio.sleep(_RESTART_DELAYS_S[min(failures, len(_RESTART_DELAYS_S) - 1)])
            try:
                await self._spawn()
                failures = 0
            except RegistryUnavailable as problem:
                failures += 1
                self._process = None
                log.error("%s", problem.message)

    async def _spawn(self) -> None:
        program = shutil.which(PROGRAM, path=f"{os.environ.get('PATH', '')}:/usr/bin:/usr/local/bin")
        if program is None:
            raise RegistryUnavailable(
                f"'{PROGRAM}' is missing on the machine of the stand-in. Run tools/setup/registry.sh."
            )
        with self._log.open("ab") as output:
            # A bare environment: REGISTRY_* variables of the caller would override the configuration.
            process = await asyncio.create_subprocess_exec(
                program,
                "serve",
                str(self._configuration),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={"PATH": os.defpath},
                start_new_session=True,
            )
        self._process = process
        self._pid_file.write_text(f"{process.pid}\n")
        await self._answers(process)

    async def _answers(self, process: asyncio.subprocess.Process) -> None:
        """Ready when it refuses an anonymous caller and names our token service."""
        deadline = asyncio.get_running_loop().time() + _START_DEADLINE_S
        while asyncio.get_running_loop().time() < deadline:
            if process.returncode is not None:
                raise RegistryUnavailable(f"docker-registry did not start on port {self._port}: {self._last_words()}")
            if self._token["realm"] in await _challenge(self._port):
                return
            await asyncio.sleep(_POLL_S)
        process.kill()
        raise RegistryUnavailable(
            f"docker-registry on port {self._port} is silent after {_START_DEADLINE_S:.0f} s: {self._last_words()}"
        )

    async def _end_orphan(self) -> None:
        """After a kill -9 of the stand-in its registry still holds the port. The pid alone proves nothing (pids are
        used again): the process must run with exactly our configuration file."""
        try:
            pid = int(self._pid_file.read_text())
        except (FileNotFoundError, ValueError):
            return
        if runs_with(pid, self._configuration):
            os.kill(pid, signal.SIGTERM)
            deadline = asyncio.get_running_loop().time() + _STOP_DEADLINE_S
            while runs_with(pid, self._configuration):
                if asyncio.get_running_loop().time() > deadline:
                    os.kill(pid, signal.SIGKILL)
                await asyncio.sleep(_POLL_S)
        self._pid_file.unlink(missing_ok=True)

    def _write_configuration(self) -> None:
        configuration = {
            "version": 0.1,
            "log": {"level": "warn", "accesslog": {"disabled": True}},
            "storage": {"filesystem": {"rootdirectory": str(self._folder / "data")}, "delete": {"enabled": True}},
            "http": {"addr": f"127.0.0.1:{self._port}", "secret": secrets.token_hex(32)},
            "auth": {"token": self._token},
        }
        self._configuration.touch(mode=0o600)
        self._configuration.write_text(json.dumps(configuration, indent=1))  # JSON is YAML

    def _last_words(self) -> str:
        with contextlib.suppress(FileNotFoundError), self._log.open(errors="replace") as file:
            return " ".join(line.strip() for line in deque(file, maxlen=3)) or "it said nothing"
        return "it said nothing"

    @property
    def _configuration(self) -> Path:
        return self._folder / "config.yml"

    @property
    def _pid_file(self) -> Path:
        return self._folder / "pid"

    @property
    def _log(self) -> Path:
        return self._folder / "log"


def runs_with(pid: int, configuration: Path) -> bool:
    """Whether this very process is a docker-registry serving this very file."""
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return Path(os.fsdecode(arguments[0])).name == PROGRAM and os.fsencode(configuration) in arguments


async def _challenge(port: int) -> str:
    """How it wants an anonymous `GET /v2/` authenticated, or nothing."""
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            answer = await http_client.get("127.0.0.1", port, "/v2/")
    except (OSError, ValueError):
        return ""
    return answer.headers.get("www-authenticate", "")
