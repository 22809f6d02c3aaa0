"""A server process on a core, or on two: started, watched through /proc, and ended with all that it started."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import machine
from bench.machine import BenchError, cores
from bench.scoring.environments import LOCAL, ROOT
from bench.scoring.models import Model
from bench.scoring.servers import Server
from bench.scoring.workloads import Request, Workload

START_SECONDS = 90.0
ANSWER_SECONDS = 60.0


@dataclass(slots=True)
class Running:
    server: Server
    model: Model
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    started: float
    cold_start_s: float = 0.0

    def ask(self, workload: Workload, request: Request) -> bytes:
        """The answer's bytes, once they are known to mean what they must."""
        status, body = self._post(workload.content_type, self.server.body(request))
        if status != 200:
            raise BenchError(f"{self.server.name} answered {status} to {workload.name}: {body[:300]!r}")
        got: Any = self.server.answer(json.loads(body))
        if got != (expected := self.server.expected(request.answer)):
            raise BenchError(
                f"{self.server.name}, {workload.name}: expected {str(expected)[:300]}, got {str(got)[:300]}"
            )
        return body

    def until_answering(self, workload: Workload) -> None:
        """Sets the time from the start of the process to the first right answer."""
        while True:
            with contextlib.suppress(OSError, http.client.HTTPException, BenchError):
                self.ask(workload, workload.requests[0])
                self.cold_start_s = time.perf_counter() - self.started
                return
            if self.process.poll() is not None:
                raise BenchError(f"{self.server.name} ended with {self.process.returncode}: {self.last_lines()}")
            if time.perf_counter() - self.started > START_SECONDS:
                raise BenchError(f"{self.server.name} did not answer in {START_SECONDS:.0f} s: {self.last_lines()}")
            time.sleep(0.005)

    def last_lines(self) -> str:
        return self.log.read_text(errors="replace")[-800:]

    def cpu_s(self) -> float:
        return machine.cpu_s(self.process.pid)

    def rss_bytes(self) -> int:
        return machine.rss_bytes(self.process.pid)

    def _post(self, content_type: str, body: bytes) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)
        headers = {"Content-Type": content_type}
        if self.server.key:
            headers["Authorization"] = f"Bearer {self.server.key}"
        try:
            connection.request("POST", self.server.path, body=body, headers=headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


@contextlib.contextmanager
def running(server: Server, model: Model, first: Workload) -> Iterator[Running]:
    port = _free_port()
    launch = server.launch(model, port)
    log = LOCAL / "logs" / f"{server.name.replace(' ', '_')}-{model.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **launch.variables}
    with log.open("wb") as file:
        started = time.perf_counter()
        process = subprocess.Popen(
            ["taskset", "-c", ",".join(map(str, cores()[: server.cores])), *launch.command],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    made = Running(server, model, port, process, log, started)
    try:
        made.until_answering(first)
        yield made
    finally:
        machine.end(process)


def _free_port() -> int:
    """With the next two free as well: one server wants three."""
    while True:
        with contextlib.ExitStack() as stack:
            first = stack.enter_context(socket.socket())
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                for offset in (1, 2):
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", port + offset))
            except (OSError, OverflowError):
                continue
            return port
