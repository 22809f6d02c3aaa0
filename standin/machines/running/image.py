"""The disk image of all machines, made once on a machine and kept by the engine; minutes, the first time."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from pathlib import Path

from standin.containers import images
from standin.containers.docker_host import DockerHost
from standin.machines.errors import MachineRefused

log = logging.getLogger("standin.machines")

BUILD = Path(__file__).with_name("build.sh")
_TAIL = 600


def tag() -> str:
    return f"edgeway-machine:{hashlib.sha256(BUILD.read_bytes()).hexdigest()[:12]}"


class DiskImage:
    def __init__(self, docker: DockerHost) -> None:
        self._docker = docker
        self._building = asyncio.Lock()

    async def ensure(self) -> str:
        """Its tag. MachineRefused with the build's last words."""
        async with self._building:
            if not await images.is_here(self._docker, tag()):
                await self._build()
        return tag()

    async def _build(self) -> None:
        log.info("building the disk image of machines, %s: a minute or two", tag())
        process = await asyncio.create_subprocess_exec(
            str(BUILD), tag(), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        output = (await process.communicate())[0].decode("utf-8", "replace")
        if process.returncode:
            ended, said = process.returncode, output[-_TAIL:].strip()
            raise MachineRefused(f"the disk image of machines cannot be built (exit code {ended}): {said}")
