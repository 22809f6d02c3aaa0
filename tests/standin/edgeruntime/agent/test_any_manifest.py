"""Whatever a manifest holds, the agent reads it or refuses it, makes bodies and reports of it, and lives on."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any, cast

import pytest

from edge.manifest.create_options import CreateOptionsError, joined
from edge.manifest.rules.docker import create_options_problems
from standin.core.clock import Clock
from standin.core.faults import Faults
from standin.core.store import Store
from standin.edgeruntime.agent.create_options import read_create_options
from standin.edgeruntime.agent.deployment import Deployment, DeploymentError, read_deployment
from standin.edgeruntime.agent.device import VirtualDevice
from standin.edgeruntime.agent.device_names import DeviceNames
from standin.edgeruntime.agent.memory import Memory
from standin.edgeruntime.agent.module_body import module_body
from standin.edgeruntime.agent.plan import Action, Step
from standin.edgeruntime.agent.reconciler import Reconciler
from standin.edgeruntime.agent.report import Status, reported
from tests.standin.edgeruntime.agent.any_manifest import create_options, manifest
from tests.standin.edgeruntime.agent.virtual_device import agent_desired, module
from tests.standin.edgeruntime.fake_hub import FakeHub
from tests.waiting import eventually

NAMES = DeviceNames(host="hub.azure-devices.net", device="edge-01", slug="t", prefix="t-", folder=Path("/nowhere"))


def taken(desired: dict[str, Any]) -> bool:
    """Or refused, and nothing else."""
    try:
        deployment = read_deployment(desired)
    except DeploymentError as refusal:
        assert str(refusal) and refusal.code in (400, 412, 417)
        return False
    for one in deployment.modules.values():
        module_body(one, NAMES, generation_id="1", labels={})
    json.dumps(report_of(deployment))
    return True


def report_of(deployment: Deployment) -> dict[str, Any]:
    return reported(
        deployment, status=Status(200), desired_version=1, observed={}, records={}, failures={}, powered="now"
    )


def try_many(seed: int, count: int) -> int:
    draw = random.Random(seed)
    return sum(taken(manifest(draw)) for _ in range(count))


def test_anything_anywhere_is_read_or_refused() -> None:
    assert 20 < try_many(seed=1, count=200) < 180


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 8))
def test_anything_anywhere_is_read_or_refused_thousands_of_times(seed: int) -> None:
    assert try_many(seed, count=5_000)


def previewed(settings: dict[str, Any]) -> bool:
    try:
        return not list(create_options_problems(joined(settings)))
    except CreateOptionsError:
        return False


def compare_many(seed: int, count: int) -> int:
    draw = random.Random(seed)
    good = 0
    for _ in range(count):
        settings = {"image": "a", "createOptions": create_options(draw)}
        if previewed(settings):
            good += 1
            read_create_options(settings)
    return good


def test_what_the_preview_takes_of_create_options_the_agent_takes() -> None:
    assert 40 < compare_many(seed=1, count=200) < 190


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 8))
def test_what_the_preview_takes_of_create_options_the_agent_takes_thousands_of_times(seed: int) -> None:
    assert compare_many(seed, count=5_000)


class BrokenReconciler:
    """One whose turn ends in a way that nobody foresaw, the first time."""

    def __init__(self) -> None:
        self.turns = 0
        self.failures: dict[str, str] = {}

    def begin_again(self) -> None:
        pass

    async def observe(self) -> dict[str, Any]:
        return {}

    async def turn(self, deployment: Deployment, *, reachable: bool) -> None:
        self.turns += 1
        if self.turns == 1:
            raise AttributeError("'str' object has no attribute 'get'")


async def test_a_turn_that_ends_in_an_unforeseen_way_is_reported_and_the_device_lives_on(tmp_path: Path) -> None:
    hub, reconciler, nothing = FakeHub(), BrokenReconciler(), cast(Any, None)
    hub.add_device("edge-01")
    hub.desire("edge-01", "$edgeAgent", agent_desired(m=module()))
    memory = Memory(Store(tmp_path / "store"), hub.host, "edge-01")
    device = VirtualDevice(
        hub,
        NAMES,
        nothing,
        memory=memory,
        reconciler=cast(Any, reconciler),
        docker=nothing,
        clock=Clock(),
        faults=Faults(),
    )
    device.start()
    try:
        await eventually(lambda: code_of(hub) == 500, what="the trouble is reported")
        hub.desire("edge-01", "$edgeAgent", agent_desired(other=module()))
        await eventually(lambda: code_of(hub) == 200, what="the next deployment is looked at")
    finally:
        await device.stop()


def code_of(hub: FakeHub) -> int | None:
    code: int | None = hub.twin("edge-01", "$edgeAgent").reported.get("lastDesiredStatus", {}).get("code")
    return code


class OneStep(Reconciler):
    def __init__(self, problem: Exception) -> None:
        nothing: Any = None
        super().__init__(nothing, NAMES, docker=nothing, authority=nothing, clock=Clock(), memory=nothing, cloud_port=1)
        self._problem = problem

    async def _do(self, step: Step, deployment: Any, bodies: Any) -> None:
        raise self._problem


async def test_a_step_that_ends_in_an_unforeseen_way_is_its_modules_failure_alone() -> None:
    reconciler = OneStep(RecursionError("too deep"))
    await reconciler._try(Step(Action.CREATE, "m"), cast(Any, None), {})
    assert reconciler.failures == {"m": "RecursionError: too deep"}


async def test_a_step_that_ends_with_the_machine_ends_the_turn() -> None:
    with pytest.raises(OSError, match="gone"):
        await OneStep(OSError("gone"))._try(Step(Action.CREATE, "m"), cast(Any, None), {})
