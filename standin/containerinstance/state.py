"""Container groups: what Azure's description becomes, and what Azure tells of them."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from pathlib import Path

from standin.containerinstance.changes import refuse_changes, same_containers
from standin.containerinstance.errors import (
    ContainerNotFound,
    DnsNameLabelNotAvailable,
    InvalidContainerGroupUpdate,
    NoAddressLeft,
)
from standin.containerinstance.group_of import KIND, group_of, names_of
from standin.containerinstance.images import GroupImages, check_identities
from standin.containerinstance.instance_view import TERMINATED, group_state, state_of
from standin.containerinstance.names import host_name
from standin.containerinstance.sealing import Secrets, files_of, take_secrets
from standin.containerinstance.spec import Group, parse_group
from standin.containerregistry.state import Registries
from standin.containers import addresses
from standin.containers.docker_host import DockerHost
from standin.containers.errors import DockerAbsent, NotInEngine
from standin.containers.group.groups import Groups
from standin.containers.group.live import Live
from standin.containers.group.spec import Group as RunningGroup
from standin.core.arm import Arm, Resource
from standin.core.auth import TENANT_ID
from standin.core.clock import Clock
from standin.core.store import Store
from standin.sealing import Sealer

log = logging.getLogger(__name__)

CONTAINER_GROUPS = "Microsoft.ContainerInstance/containerGroups"


class ContainerGroups:
    def __init__(
        self, *, docker: DockerHost, store: Store, clock: Clock, arm: Arm, registries: Registries, key_file: Path
    ) -> None:
        """`key_file` holds the key that seals secret values; it is made at first use."""
        self._docker = docker
        self._arm = arm
        self._key_file = key_file
        self._sealer: Sealer | None = None
        self._images = GroupImages(docker, arm, registries)
        self._groups = Groups(docker, store, clock, kind=KIND, describe=self._rolled_out)
        self.fixes_secret_volumes = False
        """Whether a group with a secret volume takes no update at all, as one with a file share does: nobody says."""

    async def begin(self) -> None:
        """Adopts what runs. Without an engine only groups are missing; the rest of the stand-in works."""
        groups = (self._rolled_out(resource.key) for resource in self._all())
        try:
            await self._groups.start([group for group in groups if group is not None])
        except DockerAbsent as problem:
            log.warning("container groups: %s", problem.message)

    async def close(self) -> None:
        await self._groups.stop()

    # -- what the resource manager asks

    async def check(self, new: Resource, old: Resource | None) -> None:
        """Refuses a description, and takes the secret values out of it before anybody stores it."""
        secrets = take_secrets(new.properties, self._secrets(old) if old else {}, self._seal())
        group = parse_group(new.name, new.body)
        for volume in group.volumes:
            files_of(secrets, volume.name)
        check_identities(group)
        new.private = {**new.private, "sealed": self._seal().seal(secrets)}
        if old is not None and same_containers(old.body, new.body):
            return
        if old is not None and self.state_of(old) not in TERMINATED:
            refuse_changes(parse_group(old.name, old.body), group, old.properties, new.properties)
            sealed = [volume.name for volume in group.volumes if volume.secret]
            if self.fixes_secret_volumes and sealed:
                raise InvalidContainerGroupUpdate(new.name, f"volume '{sealed[0]}'", "secret", "secret")
        self._check_label(new, group)
        await self._images.check_access(group, secrets)

    async def roll_out(self, resource: Resource, old: Resource | None) -> None:
        """Makes Docker run what the resource says. A description that runs already is left alone: its tags changed."""
        async with self._groups.lock(resource.key):
            group = parse_group(resource.name, resource.body)
            if old is None or not self._runs(old, resource):
                await self._lay_out(resource, group, afresh=old is not None and self.state_of(old) in TERMINATED)
            self._complete(resource, group)
            await self._groups.look(self._group(resource, group))

    async def remove(self, resource: Resource) -> None:
        await self._groups.remove(resource.key, names_of(resource, self._docker.prefix))

    async def start(self, resource: Resource) -> None:
        """Also `restart`: new containers from the registry's image, as in Azure."""
        group = parse_group(resource.name, resource.body)
        await self._images.check_access(group, self._secrets(resource))
        async with self._groups.lock(resource.key):
            await self._lay_out(resource, group, afresh=False)
            await self._groups.look(self._group(resource, group))

    async def stop(self, resource: Resource) -> None:
        async with self._groups.lock(resource.key):
            await self._groups.end(self._group(resource, parse_group(resource.name, resource.body)))

    async def logs(self, resource: Resource, container: str, *, tail: int | None, timestamps: bool) -> str:
        names = names_of(resource, self._docker.prefix)
        try:
            return await self._groups.logs(names, container, tail=tail, timestamps=timestamps)
        except NotInEngine as problem:
            raise ContainerNotFound(container, resource.name) from problem

    # -- what is told

    def state_of(self, resource: Resource) -> str:
        states = [state_of(live) for live in self._groups.lives(resource.key)]
        return group_state(states, stopped=self._groups.stopped(resource.key))

    def live(self, resource: Resource, container: str) -> Live:
        return self._groups.live(resource.key, container)

    def restarts(self, resource: Resource) -> Mapping[str, int]:
        """Restarts that a failing liveness probe caused, by container."""
        return self._groups.restarts(resource.key)

    def resolve(self, host: str) -> tuple[str, int] | None:
        """Where the proxy finds a group by its public name. Port 0: the one that the client asked for."""
        for resource in self._all():
            given = resource.properties.get("ipAddress") or {}
            if given.get("fqdn") == host and "address" in resource.private:
                return resource.private["address"], 0
        return None

    # -- roll-outs

    def _runs(self, old: Resource, new: Resource) -> bool:
        """Whether the description is the one that was rolled out, and all of it is still there."""
        whole = not any(live.vanished for live in self._groups.lives(new.key))
        return whole and old.properties.get("provisioningState") == "Succeeded" and same_containers(old.body, new.body)

    async def _lay_out(self, resource: Resource, group: Group, *, afresh: bool) -> None:
        self._settle(resource, group)
        images = await self._images.fetch(group, self._secrets(resource))
        await self._groups.roll_out(self._group(resource, group), images, afresh=afresh)

    def _settle(self, resource: Resource, group: Group) -> None:
        """Number and address of this roll-out, committed before Docker hears of it: a crash finds them again."""
        private = {**resource.private, "run": str(int(resource.private.get("run", "0")) + 1)}
        if group.public_ports and "address" not in private:
            private["address"] = self._address(resource, [port.number for port in group.public_ports])
        resource.private = private
        self._arm.save(resource)

    def _address(self, resource: Resource, ports: Collection[int]) -> str:
        taken = {other.private["address"] for other in self._all() if "address" in other.private}
        address = addresses.choose(self._docker.instance, resource.key, ports, taken, addresses.is_free)
        if address is None:
            raise NoAddressLeft(ports)
        return address

    def _complete(self, resource: Resource, group: Group) -> None:
        """What Azure computes: address and public name."""
        given = resource.properties.get("ipAddress")
        if given:
            given = {key: value for key, value in given.items() if key not in ("ip", "fqdn")}
            name = {"fqdn": _host_name(resource, group)} if group.dns_label else {}
            resource.properties["ipAddress"] = {**given, "ip": resource.private["address"], **name}

    # -- small things

    def _all(self) -> list[Resource]:
        return self._arm.list(CONTAINER_GROUPS)

    def _rolled_out(self, key: str) -> RunningGroup | None:
        resource = self._arm.get(key)
        if resource is None or "run" not in resource.private:
            return None
        return self._group(resource, parse_group(resource.name, resource.body))

    def _group(self, resource: Resource, group: Group) -> RunningGroup:
        return group_of(resource, group, self._secrets(resource), self._docker.prefix)

    def _check_label(self, new: Resource, group: Group) -> None:
        if group.dns_label is None:
            return
        name = _host_name(new, group)
        for other in self._all():
            if other.key != new.key and (other.properties.get("ipAddress") or {}).get("fqdn") == name:
                raise DnsNameLabelNotAvailable(group.dns_label, new.name, new.location)

    def _secrets(self, resource: Resource) -> Secrets:
        sealed = resource.private.get("sealed")
        return self._seal().open(sealed) if sealed else {}

    def _seal(self) -> Sealer:
        if self._sealer is None:
            self._sealer = Sealer.of(self._key_file)
        return self._sealer


def _host_name(resource: Resource, group: Group) -> str:
    return host_name(
        group.dns_label or "",
        resource.location,
        group.dns_scope,
        tenant=TENANT_ID,
        subscription=resource.parts.subscription,
        group=resource.group,
        unique=resource.key + resource.created_at,
    )
