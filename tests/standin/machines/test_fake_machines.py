"""The fake is a `Machines`, and refuses as the real ones do."""

from __future__ import annotations

import asyncio

import pytest

from standin.machines import MachineRefused, Machines, MachineSpec, NoMachine
from tests.standin.machines.fake_machines import FakeMachines

SPEC = MachineSpec(vm_id="1", resource_id="/vm", hostname="edge-01")


def test_a_machine_boots_once_however_often_it_is_made_and_again_when_it_is_restarted() -> None:
    fake = FakeMachines()
    machines: Machines = fake

    async def live() -> list[str]:
        seen = [await machines.state("1")]
        await machines.create(SPEC)
        await machines.create(SPEC)
        seen.append(await machines.state("1"))
        await machines.restart("1")
        await machines.stop("1")
        seen.append(await machines.state("1"))
        await machines.delete("1")
        return [*seen, await machines.state("1")]

    assert asyncio.run(live()) == ["gone", "running", "stopped", "gone"]
    assert fake.boots == {"1": 2}


def test_what_no_machine_can_do_is_refused() -> None:
    with pytest.raises(MachineRefused, match="no engine"):
        asyncio.run(FakeMachines("no engine").create(SPEC))
    with pytest.raises(NoMachine):
        asyncio.run(FakeMachines().restart("1"))
