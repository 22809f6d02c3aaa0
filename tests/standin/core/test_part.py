"""A service of the test's own: all of it is one Part, and nothing else has to know of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
import requests

from standin.core.arm import Resource, ResourceKind
from standin.core.arm.kind_table import KindTable
from standin.core.auth import SUBSCRIPTION_ID
from standin.core.http import Request, Response, Route, Service, json_response
from standin.core.part import Part, merged
from tests.standin.running import RunningStandin, running_standin
from tests.waiting import DEADLINE_S

GROUP = f"/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/rg"
MACHINES = f"{GROUP}/providers/Microsoft.Compute/virtualMachines"
PLACE = {"location": "westeurope"}


class VirtualMachine(ResourceKind):
    type = "Microsoft.Compute/virtualMachines"

    def __init__(self) -> None:
        self.running: list[str] = []
        self.actions = {"start": self._start}

    async def _start(self, resource: Resource, request: Request, _: Mapping[str, str]) -> Response:
        self.running.append(resource.name)
        return Response(status=202)

    async def remove(self, resource: Resource) -> None:
        self.running = [name for name in self.running if name != resource.name]

    async def alive(self) -> list[str]:
        return self.running


async def said(request: Request, _: Mapping[str, str]) -> Response:
    return json_response({"host": request.host, "path": request.path})


class MetadataService(Service):
    hosts = (".compute.test",)
    routes = (Route("GET", "/hello", said),)


def compute() -> Part:
    machine = VirtualMachine()
    skus = "/subscriptions/{subscription}/providers/Microsoft.Compute/skus"
    return Part(
        name="compute",
        service=MetadataService(),
        kinds=(machine,),
        arm_routes=(Route("GET", skus, said),),
        refused_hosts=("unbuilt.test",),
        control_routes=(Route("GET", "/_standin/machines", said),),
        inventories={"machines": machine.alive},
    )


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStandin]:
    state = tmp_path_factory.mktemp("standin")
    with (
        running_standin(state, services=(), more=[compute()]) as running,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in running.environment.items():
            patch.setenv(name, value)
        running.arm("PUT", GROUP, PLACE).raise_for_status()
        yield running


def test_its_resources_live_are_listed_as_alive_and_go(azure: RunningStandin) -> None:
    assert azure.arm("PUT", f"{MACHINES}/vm-01", PLACE).status_code == 201
    assert azure.arm("POST", f"{MACHINES}/vm-01/start").status_code == 202
    assert requests.get(f"{azure.control}/resources", timeout=DEADLINE_S).json()["machines"] == ["vm-01"]
    assert requests.post(f"{azure.control}/reset", timeout=DEADLINE_S).json()["machines"] == []
    azure.arm("PUT", GROUP, PLACE).raise_for_status()


def test_its_namespace_is_registered_and_its_own_route_of_arm_answers(azure: RunningStandin) -> None:
    providers = f"/subscriptions/{SUBSCRIPTION_ID}/providers/Microsoft.Compute"
    assert azure.arm("GET", providers).json()["resourceTypes"][0]["resourceType"] == "virtualMachines"
    assert azure.arm("GET", f"{providers}/skus").json()["path"] == f"{providers}/skus"


def test_its_hosts_are_let_through_the_proxy_and_those_it_has_not_built_refused_by_azures_word(
    azure: RunningStandin,
) -> None:
    assert requests.get("https://vm-01.compute.test/hello", timeout=DEADLINE_S).json()["host"] == "vm-01.compute.test"
    assert requests.get("https://unbuilt.test/hello", timeout=DEADLINE_S).status_code == 404


def test_its_control_routes_lie_below_the_stand_ins_own(azure: RunningStandin) -> None:
    assert requests.get(f"{azure.control}/machines", timeout=DEADLINE_S).json()["path"] == "/_standin/machines"
    with pytest.raises(ValueError, match=r"compute: a control path starts with /_standin/, got '/machines'"):
        Part(name="compute", control_routes=(Route("GET", "/machines", said),))


def test_two_kinds_of_one_type_or_two_claims_of_one_name_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="two parts of the stand-in claim 'machines'"):
        merged([{"machines": 1}, {"machines": 2}])
    with pytest.raises(ValueError, match=r"'Microsoft\.Compute/virtualMachines' is registered twice"):
        KindTable([VirtualMachine(), VirtualMachine()])
