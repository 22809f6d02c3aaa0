"""What the program sends for devices that are virtual machines, taken by the stand-in in order and back; the machines
themselves only remember. One that boots: make test-vm."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from dryrun import MACHINE_STACK, Plan, azure_token
from dryrun.bodies import whole
from dryrun.computed import SUBSCRIPTION
from standin.core.auth import SUBSCRIPTION_ID
from standin.plugin import mapping
from standin.plugin.kinds import BY_TOKEN
from tests.standin.asking import Answering
from tests.standin.compute.machines import fake_machines
from tests.standin.network.bodies import deleted, made

pytestmark = pytest.mark.slow
OURS = ("network:", "compute:", "managedidentity:", "resources:")


@pytest.fixture
def answering(tmp_path: Path) -> Iterator[Answering]:
    made = Answering(tmp_path)
    yield made
    made.base.store.close()


def planned_bodies(plan: Plan) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Without what belongs to a machine with a GPU, which the stand-in has none of."""
    for one in plan["resources"]:
        token = azure_token(one["type"])
        if not one["custom"] or not token.startswith(OURS) or one["name"].endswith("vm-02"):
            continue
        body = whole(mapping.body(token, one["inputs"], BY_TOKEN[token].params))
        where = BY_TOKEN[token].id(SUBSCRIPTION, one["inputs"])
        yield _here(where), _here(body)


def _here(value: Any) -> Any:
    return json.loads(json.dumps(value).replace(SUBSCRIPTION, SUBSCRIPTION_ID))


async def test_each_body_is_taken_and_each_resource_goes_again(
    planned: Callable[[str, str], Plan], answering: Answering
) -> None:
    machines = fake_machines(answering.parts)
    there = []
    for where, body in planned_bodies(planned(MACHINE_STACK, "up")):
        there.append(where)
        answer = await made(answering, where, body)
        assert (answer.get("properties") or {}).get("provisioningState", "Succeeded") == "Succeeded", (where, answer)

    (spec,) = machines.specs.values()
    assert spec.hostname == "vm-01" and spec.user_data.startswith(b"#cloud-config\n")
    assert [one.rpartition("/")[2] for one in spec.identities] == ["id-edgeway-vm-01-dev-0ae1b8"]
    ((_, script, parameters, seconds),) = machines.ran
    assert "systemctl is-active -q aziot-edged" in script and seconds == 1800 and parameters.keys() == {"VM"}
    for where in reversed(there):
        await deleted(answering, where)
    assert set(machines.states.values()) <= {"gone"}
