"""Run-command: a script in a machine, as its agent runs one: below /var/lib/waagent, where it and what it said stay.

https://learn.microsoft.com/azure/virtual-machines/linux/run-command
"""

from __future__ import annotations

import asyncio
import math
import uuid
from collections.abc import Mapping

from standin.containers import engine
from standin.containers.docker_host import DockerHost
from standin.containers.errors import EngineRefused
from standin.machines.errors import NoMachine
from standin.machines.running.seed import archive
from standin.machines.spec import Ran

_FOLDER = "var/lib/waagent/run-command/download"
_LOOK_SECONDS = 0.2
_KILL_SECONDS = 5
# A shell of its own, so that nobody has to hold a connection open for as long as a script may take.
_RUNNER = 'cd "$1"; timeout -k {kill} {seconds} ./script.sh > stdout 2> stderr; echo $? > code.new; mv code.new code'


class Commands:
    def __init__(self, docker: DockerHost) -> None:
        self._docker = docker

    async def run(self, container: str, script: str, parameters: Mapping[str, str], seconds: float) -> Ran:
        folder = f"{_FOLDER}/{uuid.uuid4().hex[:12]}"
        text = script if script.startswith("#!") else f"#!/bin/sh\n{script}"
        try:
            await engine.put_files(
                self._docker, container, "/", archive({f"{folder}/script.sh": (text.encode(), 0o700)})
            )
            runner = _RUNNER.format(kill=_KILL_SECONDS, seconds=max(1, math.ceil(seconds)))
            await engine.begin(self._docker, container, ["/bin/sh", "-c", runner, "sh", f"/{folder}"], parameters)
            return await self._end(container, f"/{folder}")
        except EngineRefused as problem:
            raise NoMachine(f"the machine ended while its command ran: {problem.explanation}") from problem

    async def _end(self, container: str, folder: str) -> Ran:
        """A machine that is stopped meanwhile is refused by the engine."""
        while True:
            code, found, _ = await engine.output_of(self._docker, container, ["cat", f"{folder}/code"])
            if code == 0:
                break
            await asyncio.sleep(_LOOK_SECONDS)
        _, out, _ = await engine.output_of(self._docker, container, ["cat", f"{folder}/stdout"])
        _, err, _ = await engine.output_of(self._docker, container, ["cat", f"{folder}/stderr"])
        return Ran(int(found), out, err)
