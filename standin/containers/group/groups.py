"""All groups of one kind: rolled out, adopted after a restart of the stand-in, watched, stopped and removed.

The owner says what a group is to be (`describe`); what has become of it is kept here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from standin.containers import engine
from standin.containers.docker_host import DockerHost
from standin.containers.events import ContainerEvent
from standin.containers.group import layout
from standin.containers.group.live import Ended, Live
from standin.containers.group.plan import Plan, Seen, reconcile
from standin.containers.group.prober import Prober
from standin.containers.group.spec import Container, Group, GroupNames, RestartPolicy
from standin.containers.images import Image
from standin.core.clock import Clock, iso
from standin.core.errors import ServiceError
from standin.core.serving.tasks import Tasks
from standin.core.store import Store

log = logging.getLogger("standin.containers")

_FACTS = "container group"
_ACTIONS = ("start", "die", "oom", "destroy")


class Groups:
    def __init__(
        self, docker: DockerHost, store: Store, clock: Clock, *, kind: str, describe: Callable[[str], Group | None]
    ) -> None:
        """`kind` is that of the `GroupNames`; `describe` answers the group of a key as it was last rolled out."""
        self._docker = docker
        self._store = store
        self._clock = clock
        self._kind = kind
        self._describe = describe
        self._prober = Prober(docker, clock, self._unhealthy)
        self._keys: dict[str, str] = {}
        """Name in Docker -> key."""
        self._lives: dict[str, dict[str, Live]] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._tasks = Tasks(_tell)
        self._unsubscribe: Callable[[], None] = lambda: None

    async def start(self, groups: Iterable[Group]) -> None:
        """Takes up what an earlier process left: adopts these groups, removes all others of the kind.

        Raises DockerAbsent when no engine answers.
        """
        self._keys = {group.names.group: group.key for group in groups}
        await self._sweep()
        self._unsubscribe = await self._docker.events.subscribe(
            self._heard, lambda: self._tasks.begin(self._adopt_all())
        )
        await self._adopt_all()

    async def stop(self) -> None:
        """The containers run on, and are found again."""
        self._unsubscribe()
        await self._tasks.end()
        await self._prober.stop()

    # -- changing a group: whoever does holds its lock

    def lock(self, key: str) -> asyncio.Lock:
        """Of the methods below, those that take a group want it held."""
        return self._locks.setdefault(key, asyncio.Lock())

    async def roll_out(self, group: Group, images: Mapping[str, Image], *, afresh: bool) -> None:
        """Replaces the group's containers. `images` holds one for each container's name.

        `afresh` also replaces network, address and volumes, and forgets what has been.
        """
        if afresh:
            self._lives.pop(group.key, None)
        for container in group.containers:
            message = f"Successfully pulled image {container.image!r}"
            self.live(group.key, container.name).note("Pulled", message, self._now())
        self._keys[group.names.group] = group.key
        if afresh:
            await layout.remove(self._docker, group.names)
        await layout.prepare(self._docker, group)
        self._remember(group.key, stopped=False, restarts={})
        for container in group.containers:
            await layout.create(self._docker, group, container, images[container.name])

    async def look(self, group: Group) -> None:
        """Brings what is known of the group up to date."""
        members = await layout.members(self._docker, group.names)
        inspected = {member.container: member.inspected for member in members if member.run == group.run}
        for container in group.containers:
            self._see(self.live(group.key, container.name), inspected.get(container.name))
        self._prober.follow(group, self._lives[group.key], stopped=self.stopped(group.key))

    async def end(self, group: Group) -> None:
        """Stops its containers; a roll-out starts new ones."""
        self._remember(group.key, stopped=True)
        for live in self.lives(group.key):
            live.note("Killing", "Killing container: the group was stopped", self._now())
        await layout.stop(self._docker, group.names)
        await self.look(group)

    async def remove(self, key: str, names: GroupNames) -> None:
        """Also what is left of a group that was never whole. Takes the lock itself."""
        self._prober.forget(key)
        async with self.lock(key):
            await layout.remove(self._docker, names)
            self._keys.pop(names.group, None)
            self._lives.pop(key, None)
            self._store.delete(_FACTS, key)
        self._locks.pop(key, None)

    async def logs(self, names: GroupNames, container: str, *, tail: int | None, timestamps: bool) -> str:
        """Raises NotInEngine."""
        return await engine.logs(self._docker, names.container(container), tail=tail, timestamps=timestamps)

    # -- what is told

    def lives(self, key: str) -> list[Live]:
        return list(self._lives.get(key, {}).values())

    def live(self, key: str, container: str) -> Live:
        return self._lives.setdefault(key, {}).setdefault(container, Live())

    def stopped(self, key: str) -> bool:
        return bool(self._facts(key).get("stopped"))

    def restarts(self, key: str) -> Mapping[str, int]:
        """Restarts that a failing liveness probe caused, by container; Docker counts its own."""
        counted: dict[str, int] = self._facts(key).get("restarts", {})
        return counted

    # -- after a start of the stand-in or of the engine

    async def _sweep(self) -> None:
        """Removes what a killed stand-in made for groups that were never stored."""
        for name in await layout.names_in_engine(self._docker, self._kind) - self._keys.keys():
            log.info("removing what is left of %s", name)
            await layout.remove(self._docker, GroupNames(kind=self._kind, group=name))

    async def _adopt_all(self) -> None:
        for name, key in list(self._keys.items()):
            try:
                async with self.lock(key):
                    group = self._describe(key)
                    if group is not None:
                        await self._adopt(group)
            except ServiceError as problem:
                log.error("container group %s: %s", name, problem.message)

    async def _adopt(self, group: Group) -> None:
        """What is there is kept, what should run is started."""
        members = await layout.members(self._docker, group.names)
        plan = await self._plan(group, members)
        if plan.refill:
            await layout.prepare(self._docker, group)
        for name in sorted(plan.start):
            await self._restart(group, name)
        await self.look(group)

    async def _plan(self, group: Group, members: Iterable[layout.Member]) -> Plan:
        return reconcile(
            [container.name for container in group.containers],
            group.run,
            [_seen(member) for member in members],
            restart_policy=group.restart_policy,
            stopped=self.stopped(group.key),
            secrets_there=await layout.holds_secrets(self._docker, group),
        )

    # -- events and probes

    def _heard(self, event: ContainerEvent) -> None:
        key = self._keys.get(event.labels.get(layout.GROUP_LABEL, ""))
        if key is None or event.action not in _ACTIONS:
            return
        container = event.labels.get(layout.CONTAINER_LABEL)
        if container and event.action == "die":
            live = self.live(key, container)
            live.previous = Ended(event.exit_code, live.started, self._now())
        self._tasks.begin(self._look_again(key))

    async def _look_again(self, key: str) -> None:
        async with self.lock(key):
            group = self._describe(key)
            if group is not None:
                await self.look(group)

    def _see(self, live: Live, inspected: engine.Inspected | None) -> None:
        started, live.inspected = live.started, inspected
        if inspected is None and not live.vanished:
            live.note("Failed", "The container was removed outside of Azure", self._now(), warning=True)
        live.vanished = inspected is None
        if live.running and started != live.started:
            live.note("Started", "Started container", self._now())

    def _unhealthy(self, group: Group, container: Container) -> None:
        self._tasks.begin(self._end_unhealthy(group, container.name))

    async def _end_unhealthy(self, group: Group, container: str) -> None:
        if group.restart_policy is RestartPolicy.NEVER:
            name = group.names.container(container)
            await engine.stop(self._docker, name, timeout_seconds=layout.STOP_SECONDS)
            return
        # Docker's own counter starts at nought again when somebody restarts the container.
        counted = self.restarts(group.key).get(container, 0) + self.live(group.key, container).restarts + 1
        self._remember(group.key, restarts={**self.restarts(group.key), container: counted})
        await self._restart(group, container)

    # -- small things

    async def _restart(self, group: Group, container: str) -> None:
        name = group.names.container(container)
        await engine.restart(self._docker, name, timeout_seconds=layout.STOP_SECONDS)

    def _facts(self, key: str) -> dict[str, Any]:
        return self._store.get(_FACTS, key) or {}

    def _remember(self, key: str, **facts: object) -> None:
        self._store.put(_FACTS, key, {**self._facts(key), **facts})

    def _now(self) -> str:
        return iso(self._clock.now())


def _tell(problem: BaseException) -> None:
    unexpected = None if isinstance(problem, ServiceError) else problem
    log.warning("container groups: %s", problem, exc_info=unexpected)


def _seen(member: layout.Member) -> Seen:
    state = member.inspected["State"]
    return Seen(
        container=member.container,
        run=member.run,
        running=bool(state["Running"]),
        ever_started=not str(state["StartedAt"]).startswith("0001"),
        exit_code=int(state["ExitCode"]),
    )
