"""A stand-in that ends while a machine is made goes on with the same machine when it comes back."""

from __future__ import annotations

import asyncio
from pathlib import Path

from standin.machines import MachineSpec
from tests.standin.asking import Answering
from tests.standin.compute.machines import NIC, VM, fake_machines, machine
from tests.standin.network.bodies import asked, interface, made, network, path, settled
from tests.waiting import DEADLINE_S


async def test_a_machine_that_was_being_made_is_made_once_and_keeps_its_id(tmp_path: Path) -> None:
    first = Answering(tmp_path)
    await first.prepare()
    await made(first, path("virtualNetworks", "net"), network())
    await made(first, NIC, interface())
    seen: list[MachineSpec] = []
    asked_for = asyncio.Event()

    async def never(spec: MachineSpec) -> None:
        seen.append(spec)
        asked_for.set()
        await asyncio.Event().wait()

    machines = fake_machines(first.parts)
    machines.create = never  # type: ignore[method-assign]
    status, answer = await asked(first, "PUT", VM, machine())
    assert (status, answer["properties"]["provisioningState"]) == (201, "Creating")
    await asyncio.wait_for(asked_for.wait(), DEADLINE_S)
    await first.standin.arm_service.stop()
    first.base.store.close()

    second = Answering(tmp_path)
    again = fake_machines(second.parts)
    await second.standin.arm_service.start()
    answer = await settled(second, VM)
    assert answer["properties"]["provisioningState"] == "Succeeded"
    assert list(again.specs) == [seen[0].vm_id] == [answer["properties"]["vmId"]]
    assert again.specs[seen[0].vm_id] == seen[0]
    await second.standin.arm_service.stop()
    second.base.store.close()
