"""Operations that a killed process left behind are taken up again at the next start."""

from __future__ import annotations

import asyncio
from pathlib import Path

from standin.core.arm import Resource, ResourceKind
from standin.core.arm.groups import ResourceGroup
from standin.core.arm.http.service import ArmService
from standin.core.arm.kind_table import KindTable
from standin.core.auth import DEPLOYER_OBJECT_ID, SUBSCRIPTION_ID, Principal
from standin.core.clock import Clock
from standin.core.errors import ServiceError
from standin.core.http import Request, find_route
from standin.foundation import lay_foundation
from tests.waiting import DEADLINE_S

GROUP = f"/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/rg"
THING = f"{GROUP}/providers/Test.Things/things/one"
DEPLOYER = Principal(object_id=DEPLOYER_OBJECT_ID, kind="ServicePrincipal", audience="https://management.azure.com")


class Thing(ResourceKind):
    """Applies only while `open` is set, and says how often."""

    type = "Test.Things/things"
    create_only = ("properties.shape",)

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.applied = 0
        self.removed = 0
        self.broken: ServiceError | None = None

    async def apply(self, resource: Resource, old: Resource | None) -> None:
        self.applied += 1
        await self.open.wait()
        if self.broken:
            raise self.broken
        resource.properties["made"] = self.applied

    async def remove(self, resource: Resource) -> None:
        self.removed += 1
        await self.open.wait()


class Machine:
    """One life of the stand-in's process on a state folder."""

    def __init__(self, state: Path) -> None:
        self.base = base = lay_foundation(state)
        self.kind = Thing()
        kinds = KindTable([ResourceGroup(), self.kind])
        self.service = ArmService(
            base.arm, kinds, (), store=base.store, clock=base.clock, profile=base.profile, roles=base.roles
        )

    async def send(self, method: str, path: str, body: bytes = b'{"location": "westeurope"}') -> int:
        request = Request(
            method=method,
            host="management.azure.com",
            path=path,
            query={"api-version": "2024-11-01"},
            body=b"" if method == "DELETE" else body,
            principal=DEPLOYER,
        )
        found = find_route(self.service.routes, method, path)
        assert found
        try:
            return (await found[0].handler(request, found[1])).status
        except ServiceError as problem:
            return problem.status

    async def state_of(self, path: str) -> str | None:
        resource = self.base.arm.get(path)
        return resource.properties.get("provisioningState") if resource else None

    async def kill(self, *requests: asyncio.Task[int]) -> None:
        """Ends as a killed process does: whatever runs stops where it is."""
        for request in requests:
            request.cancel()
        await asyncio.gather(*requests, return_exceptions=True)
        await self.service.stop()
        self.base.store.close()


async def until(condition: object, clock: Clock) -> None:
    assert callable(condition)
    await asyncio.wait_for(clock.wait_until(condition, poll_seconds=0.01), timeout=DEADLINE_S)


async def test_an_interrupted_creation_is_finished_after_the_restart(tmp_path: Path) -> None:
    first = Machine(tmp_path)
    assert await first.send("PUT", GROUP) == 201
    creating = asyncio.create_task(first.send("PUT", THING))
    await until(lambda: first.kind.applied == 1, first.base.clock)
    assert await first.state_of(THING) == "Creating"
    await first.kill(creating)

    second = Machine(tmp_path)
    second.kind.open.set()
    await second.service.start()
    assert await second.send("PUT", THING) == 200
    assert await second.state_of(THING) == "Succeeded"
    assert second.kind.applied == 2
    await second.kill()


async def test_an_interrupted_deletion_is_finished_after_the_restart(tmp_path: Path) -> None:
    first = Machine(tmp_path)
    first.kind.open.set()
    await first.send("PUT", GROUP)
    await first.send("PUT", THING)
    first.kind.open.clear()
    deleting = asyncio.create_task(first.send("DELETE", GROUP))
    await until(lambda: first.kind.removed == 1, first.base.clock)
    await first.kill(deleting)

    second = Machine(tmp_path)
    second.kind.open.set()
    await second.service.start()
    await until(lambda: second.base.arm.list() == [], second.base.clock)
    await second.kill()


async def test_a_creation_that_fails_leaves_nothing(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.kind.open.set()
    machine.kind.broken = ServiceError("no such image", code="InaccessibleImage", status=400)
    await machine.send("PUT", GROUP)
    assert await machine.send("PUT", THING) == 400
    assert machine.base.arm.get(THING) is None
    assert machine.kind.removed == 1
    await machine.kill()


async def test_an_update_that_fails_keeps_what_was_there(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.kind.open.set()
    await machine.send("PUT", GROUP)
    await machine.send("PUT", THING)
    machine.kind.broken = ServiceError("no such image", code="InaccessibleImage", status=400)
    assert await machine.send("PUT", THING, b'{"location": "westeurope", "tags": {"a": "b"}}') == 400
    kept = machine.base.arm.require(THING)
    assert ("tags" in kept.body, kept.properties["provisioningState"]) == (False, "Succeeded")
    await machine.kill()


async def test_a_create_only_property_is_refused_and_two_writes_wait_for_each_other(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    await machine.send("PUT", GROUP)
    body = b'{"location": "westeurope", "properties": {"shape": "round"}}'
    first = asyncio.create_task(machine.send("PUT", THING, body))
    await until(lambda: machine.kind.applied == 1, machine.base.clock)
    second = asyncio.create_task(machine.send("PUT", THING, body))
    machine.kind.open.set()
    assert (await first, await second) == (201, 200)
    assert await machine.send("PUT", THING, body.replace(b"round", b"flat")) == 400
    await machine.kill()
