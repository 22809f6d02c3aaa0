"""Which registries run on this machine: one docker-registry each, at a port of its own."""

from __future__ import annotations

import logging
from pathlib import Path

from standin.containerregistry.errors import InvalidRegistry, RegistryUnavailable
from standin.containerregistry.names import ISSUER, REGISTRIES, login_server
from standin.containerregistry.process import RegistryProcess
from standin.containerregistry.signer import Keys
from standin.core.addresses import Ports
from standin.core.arm import Arm, Resource

log = logging.getLogger(__name__)

# The first registry has the port the whole stand-in promises; more take the end of its range of 20.
_PORT_OFFSETS = (2, 15, 16, 17, 18, 19)


class RegistryProcesses:
    def __init__(self, arm: Arm, keys: Keys, ports: Ports, folder: Path) -> None:
        """`folder` gets a folder for each registry."""
        self._arm = arm
        self._keys = keys
        self._ports = ports
        self._folder = folder
        self._processes: dict[str, RegistryProcess] = {}

    async def start(self) -> None:
        """Runs what the store knows; one that fails says so in the log and is tried again by the next PUT."""
        for registry in self._arm.list(REGISTRIES):
            try:
                await self.run(registry)
            except RegistryUnavailable as problem:
                log.error("registry %s: %s", registry.name, problem.message)

    async def stop(self) -> None:
        for process in list(self._processes.values()):
            await process.stop()
        self._processes.clear()

    async def run(self, registry: Resource) -> None:
        """Starts the registry's process where none runs yet. Its `private` holds the port."""
        if registry.key in self._processes:
            return
        self._keys.signer()  # its certificate must be there before docker-registry reads it
        process = self._process(registry)
        await process.start()
        self._processes[registry.key] = process

    async def remove(self, registry: Resource) -> None:
        """Ends the process, wherever it came from, and deletes what was pushed."""
        if "port" in registry.private:
            process = self._processes.pop(registry.key, None) or self._process(registry)
            await process.remove()

    def _process(self, registry: Resource) -> RegistryProcess:
        return RegistryProcess(
            self._folder / registry.name.lower(),
            port=registry.private["port"],
            realm=f"http://127.0.0.1:{self._ports.plain}/oauth2/token",
            service=login_server(registry),
            issuer=ISSUER,
            certificate=self._keys.certificate,
        )

    def free_port(self) -> int:
        taken = {registry.private.get("port") for registry in self._arm.list(REGISTRIES)}
        for offset in _PORT_OFFSETS:
            port = self._ports.base + offset
            if port not in taken:
                return port
        raise InvalidRegistry(
            f"the stand-in runs at most {len(_PORT_OFFSETS)} registries at a time, one port each; delete one first.",
            code="RegistryQuotaExceeded",
        )
