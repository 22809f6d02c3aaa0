"""Container groups: what a description becomes in Docker, and what has become of it since."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from standin.containerinstance import address, images
from standin.containerinstance.changes import refuse_changes, same_containers
from standin.containerinstance.engine import Engine, Place
from standin.containerinstance.errors import ContainerNotFound, DnsNameLabelNotAvailable
from standin.containerinstance.live import TERMINATED, Live, group_state
from standin.containerinstance.names import docker_name, host_name
from standin.containerinstance.sealing import Sealer, Secrets, files_of, take_secrets, variables_of
from standin.containerinstance.spec import Group, Volume, parse_group
from standin.containers.errors import NotInEngine
from standin.containers.group.plan import Seen, reconcile
from standin.core.arm import Resource
from standin.core.auth import TENANT_ID
from standin.core.clock import iso

if TYPE_CHECKING:
    from standin.core.world import World

log = logging.getLogger(__name__)

CONTAINER_GROUPS = "Microsoft.ContainerInstance/containerGroups"
_FACTS = "container group"


class Groups:
    def __init__(self, world: World) -> None:
        self.world = world
        self.engine = Engine(world.docker)
        self._sealer: Sealer | None = None
        self._live: dict[str, dict[str, Live]] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self.on_refresh: Callable[[Resource, Group], None] = lambda resource, group: None
        """Told after each look at a group, with its lock held: probes follow the containers."""

    # -- what the resource manager asks

    async def check(self, new: Resource, old: Resource | None) -> None:
        """Refuses a description, and takes the secret values out of it before anybody stores it."""
        known = self.secrets(old) if old else {}
        secrets = take_secrets(new.properties, known, self._seal())
        group = parse_group(new.name, new.body)
        for volume in group.volumes:
            files_of(secrets, volume.name)
        images.check_identities(group)
        new.private = {**new.private, "sealed": self._seal().seal(secrets)}
        if old is not None and same_containers(old.body, new.body):
            return
        if old is not None and self.state_of(old) not in TERMINATED:
            refuse_changes(parse_group(old.name, old.body), group, old.properties, new.properties)
        self._check_label(new, group)
        await images.check_access(self.world, group, secrets)

    async def roll_out(self, resource: Resource, old: Resource | None) -> None:
        """Makes Docker run what the resource says. A description that runs already is left alone: its tags changed."""
        async with self._lock(resource.key):
            group = parse_group(resource.name, resource.body)
            if old is None or not self._runs(old, resource):
                await self._lay_out(resource, group, afresh=old is not None and self.state_of(old) in TERMINATED)
            self._complete(resource, group)
            await self._refresh(resource, group)

    async def remove(self, resource: Resource) -> None:
        async with self._lock(resource.key):
            await self.world.docker.run(self.engine.remove(self.place(resource)))
            self._live.pop(resource.key, None)
            self.world.store.delete(_FACTS, resource.key)
        self._locks.pop(resource.key, None)

    async def start(self, resource: Resource) -> None:
        """Also `restart`: new containers from the registry's image, as in Azure."""
        group = parse_group(resource.name, resource.body)
        await images.check_access(self.world, group, self.secrets(resource))
        async with self._lock(resource.key):
            await self._lay_out(resource, group, afresh=False)
            self.world.arm.save(resource)
            await self._refresh(resource, group)

    async def stop(self, resource: Resource) -> None:
        async with self._lock(resource.key):
            self._remember(resource, stopped=True)
            for live in self._lives(resource).values():
                live.note("Killing", "Killing container: the group was stopped", self._now())
            await self.world.docker.run(self.engine.stop(self.place(resource)))
            await self._refresh(resource, parse_group(resource.name, resource.body))

    async def logs(self, resource: Resource, container: str, *, tail: int | None, timestamps: bool) -> str:
        try:
            return await self.world.docker.run(
                self.engine.logs(self.place(resource), container, tail=tail, timestamps=timestamps)
            )
        except NotInEngine as problem:
            raise ContainerNotFound(container, resource.name) from problem

    # -- what runs

    def _runs(self, old: Resource, new: Resource) -> bool:
        """Whether the description is the one that was rolled out, and all of it is still there."""
        whole = not any(live.vanished for live in self._lives(new).values())
        return whole and old.properties.get("provisioningState") == "Succeeded" and same_containers(old.body, new.body)

    async def _lay_out(self, resource: Resource, group: Group, *, afresh: bool) -> None:
        if afresh:
            self._live.pop(resource.key, None)
        place = self._settle(resource, group)
        secrets = self.secrets(resource)
        fetched = {}
        for container in group.containers:
            fetched[container.name] = await images.fetch(self.world, group, secrets, container.image)
            self._lives(resource).setdefault(container.name, Live()).note(
                "Pulled", f"Successfully pulled image {container.image!r}", self._now()
            )
        if afresh:
            await self.world.docker.run(self.engine.remove(place))
        await self._prepare(place, group, secrets, {name: user for name, (_, user) in fetched.items()})
        self._remember(resource, stopped=False, restarts={})
        for container in group.containers:
            environment = {name: value or "" for name, value in container.environment.items()}
            await self.world.docker.run(
                self.engine.create(
                    place,
                    container,
                    run=resource.private["run"],
                    image=fetched[container.name][0],
                    environment=environment | variables_of(secrets, container.name),
                    restart_policy=group.restart_policy,
                )
            )

    def _settle(self, resource: Resource, group: Group) -> Place:
        """Number and address of this roll-out, committed before Docker hears of it: a crash finds them again."""
        private = {**resource.private, "run": str(int(resource.private.get("run", "0")) + 1)}
        if group.public_ports and "address" not in private:
            taken = {other.private.get("address") for other in self.all()}
            ports = [port.number for port in group.public_ports]
            private["address"] = address.choose(
                self.world.instance, resource.key, ports, {each for each in taken if each}, address.is_free
            )
        resource.private = private
        self.world.arm.save(resource)
        return self.place(resource)

    async def _prepare(self, place: Place, group: Group, secrets: Secrets, users: Mapping[str, str]) -> None:
        await self.world.docker.run(self.engine.prepare(place, group.volumes, group.public_ports))
        for volume in group.volumes:
            if volume.secret:
                files = files_of(secrets, volume.name)
                await self.world.docker.run(self.engine.fill(place, volume, files, _owner(group, volume, users)))

    def _complete(self, resource: Resource, group: Group) -> None:
        """What Azure computes: address and public name."""
        given = resource.properties.get("ipAddress")
        if given:
            given = {key: value for key, value in given.items() if key not in ("ip", "fqdn")}
            name = {"fqdn": self._host_name(resource, group)} if group.dns_label else {}
            resource.properties["ipAddress"] = {**given, "ip": resource.private["address"], **name}

    # -- looking

    async def refresh(self, resource: Resource) -> None:
        async with self._lock(resource.key):
            current = self.world.arm.get(resource.id)
            if current is not None:
                await self._refresh(current, parse_group(current.name, current.body))

    async def _refresh(self, resource: Resource, group: Group) -> None:
        found = await self.world.docker.run(self.engine.find(self.place(resource)))
        by_name = {each.container: each.inspected for each in found if each.run == resource.private.get("run")}
        lives = self._lives(resource)
        for container in group.containers:
            live = lives.setdefault(container.name, Live())
            before, live.inspected = live.inspected, by_name.get(container.name)
            if live.inspected is None and not live.vanished:
                live.note("Failed", "The container was removed outside of Azure", self._now(), warning=True)
            live.vanished = live.inspected is None
            if live.inspected is not None and _running(live.inspected) and _started(before) != _started(live.inspected):
                live.note("Started", "Started container", self._now())
        self.on_refresh(resource, group)

    async def adopt(self, resource: Resource) -> None:
        """After a start of the stand-in or of the engine: what is there is kept, what should run is started."""
        async with self._lock(resource.key):
            group = parse_group(resource.name, resource.body)
            place, secrets = self.place(resource), self.secrets(resource)
            found = await self.world.docker.run(self.engine.find(place))
            plan = reconcile(
                [container.name for container in group.containers],
                resource.private.get("run", ""),
                [_seen(each.container, each.run, each.inspected) for each in found],
                restart_policy=group.restart_policy,
                stopped=self.stopped(resource),
                secrets_there=await self._secrets_there(place, group, secrets),
            )
            if plan.refill:
                users = {each.container: str(each.inspected["Config"].get("User") or "") for each in found}
                await self._prepare(place, group, secrets, users)
            for name in sorted(plan.start):
                await self.world.docker.run(self.engine.restart(place, name))
            await self._refresh(resource, group)

    async def _secrets_there(self, place: Place, group: Group, secrets: Secrets) -> bool:
        for volume in group.volumes:
            files = files_of(secrets, volume.name)
            if files and not await self.world.docker.run(self.engine.holds(place, volume, files)):
                return False
        return True

    async def sweep(self) -> None:
        """Removes what a killed stand-in made for groups that were never stored."""
        known = {self.place(resource).name for resource in self.all()}
        for name in await self.world.docker.run(self.engine.groups) - known:
            log.info("removing what is left of %s", name)
            await self.world.docker.run(self.engine.remove(Place(name=name, address=None)))

    # -- what is told

    def all(self) -> list[Resource]:
        return self.world.arm.list(CONTAINER_GROUPS)

    def place(self, resource: Resource) -> Place:
        return Place(
            name=docker_name(self.world.docker.prefix, resource.name, resource.key),
            address=resource.private.get("address"),
        )

    def live(self, resource: Resource, container: str) -> Live:
        return self._lives(resource).setdefault(container, Live())

    def state_of(self, resource: Resource) -> str:
        states = [live.state for live in self._lives(resource).values()]
        return group_state(states, stopped=self.stopped(resource))

    def stopped(self, resource: Resource) -> bool:
        return bool(self._facts(resource).get("stopped"))

    def restarts(self, resource: Resource) -> Mapping[str, int]:
        """Restarts that a failing liveness probe caused; Docker counts its own."""
        counted: dict[str, int] = self._facts(resource).get("restarts", {})
        return counted

    def count_restart(self, resource: Resource, container: str) -> None:
        live = self.live(resource, container)
        # Docker's own counter starts at nought again when somebody restarts the container.
        counted = self.restarts(resource).get(container, 0) + int((live.inspected or {}).get("RestartCount", 0)) + 1
        self._remember(resource, restarts={**self.restarts(resource), container: counted})

    def resolve(self, host: str) -> tuple[str, int] | None:
        """Where the proxy finds a group by its public name. Port 0: the one that the client asked for."""
        for resource in self.all():
            given = resource.properties.get("ipAddress") or {}
            if given.get("fqdn") == host and "address" in resource.private:
                return resource.private["address"], 0
        return None

    async def inner_address(self, resource: Resource) -> str:
        """The group's address on its own network, where probes come from."""
        return await self.world.docker.run(self.engine.inner_address(self.place(resource)))

    def secrets(self, resource: Resource) -> Secrets:
        sealed = resource.private.get("sealed")
        return self._seal().open(sealed) if sealed else {}

    # -- small things

    def _check_label(self, new: Resource, group: Group) -> None:
        if group.dns_label is None:
            return
        name = self._host_name(new, group)
        for other in self.all():
            if other.key != new.key and (other.properties.get("ipAddress") or {}).get("fqdn") == name:
                raise DnsNameLabelNotAvailable(group.dns_label, new.name, new.location)

    def _host_name(self, resource: Resource, group: Group) -> str:
        return host_name(
            group.dns_label or "",
            resource.location,
            group.dns_scope,
            tenant=TENANT_ID,
            subscription=resource.parts.subscription,
            group=resource.group,
            unique=resource.key + resource.created_at,
        )

    def _facts(self, resource: Resource) -> dict[str, Any]:
        return self.world.store.get(_FACTS, resource.key) or {}

    def _remember(self, resource: Resource, **facts: object) -> None:
        self.world.store.put(_FACTS, resource.key, {**self._facts(resource), **facts})

    def _lives(self, resource: Resource) -> dict[str, Live]:
        return self._live.setdefault(resource.key, {})

    def _lock(self, key: str) -> asyncio.Lock:
        return self._locks.setdefault(key, asyncio.Lock())

    def _seal(self) -> Sealer:
        if self._sealer is None:
            self._sealer = Sealer.of(self.world.state / "containerinstance.key")
        return self._sealer

    def _now(self) -> str:
        return iso(self.world.clock.now())


def _owner(group: Group, volume: Volume, users: Mapping[str, str]) -> int | None:
    """Who may read a secret volume's files: the one user of its containers. None: several, so everybody.

    Root (no user) reads them anyway. A user that is a name, not a number, is known inside of the image only.
    """
    names = {
        users.get(container.name, "").partition(":")[0]
        for container in group.containers
        if any(mount.volume == volume.name for mount in container.mounts)
    } - {"", "0", "root"}
    if not names:
        return 0
    name = names.pop()
    return int(name) if not names and name.isdigit() else None


def _running(inspected: Mapping[str, Any]) -> bool:
    return bool(inspected["State"]["Running"])


def _started(inspected: Mapping[str, Any] | None) -> str | None:
    return str(inspected["State"]["StartedAt"]) if inspected else None


def _seen(container: str, run: str, inspected: Mapping[str, Any]) -> Seen:
    state = inspected["State"]
    return Seen(
        container=container,
        run=run,
        running=bool(state["Running"]),
        ever_started=not str(state["StartedAt"]).startswith("0001"),
        exit_code=int(state["ExitCode"]),
    )
