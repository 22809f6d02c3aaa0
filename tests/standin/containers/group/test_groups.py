"""Groups of containers on a Docker engine in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from standin.containers.docker_host import DockerHost
from standin.containers.group.groups import Groups
from standin.containers.group.spec import Container, Group, GroupNames, Mount, Port, RestartPolicy, Volume
from standin.containers.images import Image
from standin.containers.probes import Probe
from standin.core.clock import Clock
from standin.core.store import Store
from tests.standin.containers.fake_docker import FakeDocker, docker_host
from tests.waiting import eventually

ALIVE = Probe(
    command=("true",),
    initial_delay_seconds=0,
    period_seconds=0.01,
    timeout_seconds=1,
    failure_threshold=1,
    success_threshold=1,
)
WEB = Container(
    name="web",
    image="r.io/web:1",
    command=(),
    environment={"A": "1"},
    cpu=4,
    memory_gb=0.5,
    mounts=(Mount(volume="keys", path="/keys", read_only=True),),
    liveness=None,
    readiness=None,
)
GROUP = Group(
    key="/one",
    names=GroupNames(kind="replica", group="edgeway-012345-one"),
    run="1",
    address="127.1.2.3",
    ports=(Port(number=80),),
    containers=(WEB, replace(WEB, name="side")),
    volumes=(Volume(name="keys", secret_files={"key": b"k"}),),
    restart_policy=RestartPolicy.ALWAYS,
)
IMAGES = {"web": Image("sha256:1"), "side": Image("sha256:1")}
PAUSE, MEMBER = "edgeway-012345-one-pause", "edgeway-012345-one-web"


class Owner:
    """What `describe` answers: the groups that somebody else keeps."""

    def __init__(self, docker: FakeDocker, folder: Path) -> None:
        self.docker = docker
        self.host: DockerHost = docker_host(docker)
        self.store = Store(folder / "s.db")
        self.groups: dict[str, Group] = {}
        self.running = self._start()

    def _start(self) -> Groups:
        return Groups(self.host, self.store, Clock(), kind="replica", describe=self.groups.get)

    async def roll_out(self, group: Group, *, afresh: bool = False) -> None:
        self.groups[group.key] = group
        async with self.running.lock(group.key):
            await self.running.roll_out(group, IMAGES, afresh=afresh)
            await self.running.look(group)

    async def restart(self) -> None:
        """The stand-in was killed, and a new one starts."""
        await self.running.stop()
        await self.host.close()
        self.docker.stream = type(self.docker.stream)()
        self.host = docker_host(self.docker)
        self.running = self._start()
        await self.running.start(self.groups.values())


@pytest.fixture
async def owner(tmp_path: Path) -> AsyncIterator[Owner]:
    made = Owner(FakeDocker(), tmp_path)
    await made.running.start([])
    yield made
    await made.running.stop()
    await made.host.close()
    made.store.close()


async def test_a_group_shares_the_network_of_its_pause_container(owner: Owner) -> None:
    await owner.roll_out(GROUP)
    assert owner.docker.running() == {PAUSE, MEMBER, "edgeway-012345-one-side"}
    pause, web = (owner.docker.bodies[name]["HostConfig"] for name in (PAUSE, MEMBER))
    assert pause["PortBindings"] == {"80/tcp": [{"HostIp": "127.1.2.3", "HostPort": "80"}]}
    assert web["NetworkMode"] == f"container:{PAUSE}"
    assert web["NanoCpus"] == 2 * 10**9, "no more cores than there are"
    labels = owner.docker.bodies[MEMBER]["Labels"]
    assert (labels["edgeway.kind"], labels["edgeway.group"], labels["edgeway.run"]) == (
        "replica",
        GROUP.names.group,
        "1",
    )
    assert [event.name for event in owner.running.live("/one", "web").events] == ["Pulled", "Started"]


async def test_a_new_run_replaces_containers_and_keeps_the_address(owner: Owner) -> None:
    await owner.roll_out(GROUP)
    await owner.roll_out(replace(GROUP, run="2"))
    assert owner.docker.calls.count(("create", PAUSE)) == 1
    assert owner.docker.calls.count(("create", MEMBER)) == 2
    await owner.roll_out(replace(GROUP, run="3"), afresh=True)
    assert owner.docker.calls.count(("create", PAUSE)) == 2


async def test_another_stand_in_adopts_what_runs_and_removes_strangers_of_its_kind_only(owner: Owner) -> None:
    await owner.roll_out(GROUP)
    for kind in ("replica", "container-group"):
        labels = owner.host.labels(kind, group=f"left-by-{kind}")
        owner.docker.networks.create(f"left-by-{kind}", labels=labels)
    calls = list(owner.docker.calls)
    await owner.restart()
    assert owner.docker.calls == calls
    assert "left-by-replica" not in owner.docker.things["networks"]
    assert "left-by-container-group" in owner.docker.things["networks"]
    assert owner.running.live("/one", "web").running


async def test_after_a_power_cut_secrets_are_there_before_containers_start(owner: Owner) -> None:
    await owner.roll_out(GROUP)
    for name in owner.docker.running():
        owner.docker.end(name)
    owner.docker.files.clear()
    owner.docker.calls.clear()
    await owner.restart()
    assert owner.docker.calls[0] == ("start", PAUSE)
    assert owner.docker.running() == {PAUSE, MEMBER, "edgeway-012345-one-side"}
    assert list(owner.docker.files) == ["/volumes/keys"]


async def test_what_dies_or_vanishes_is_known_at_once(owner: Owner) -> None:
    await owner.roll_out(GROUP)
    live = owner.running.live("/one", "web")
    owner.docker.end(MEMBER, code=3)
    await eventually(lambda: not live.running)
    assert live.previous is not None and live.previous.exit_code == 3
    owner.docker.tell("destroy", MEMBER)
    owner.docker.api.remove_container(MEMBER)
    await eventually(lambda: live.vanished)
    assert "Failed" in [event.name for event in live.events]


async def test_a_stopped_group_stays_stopped(owner: Owner) -> None:
    await owner.roll_out(GROUP)
    async with owner.running.lock("/one"):
        await owner.running.end(GROUP)
    stopped = [name for call, name in owner.docker.calls if call == "stop"]
    assert stopped[-1] == PAUSE and len(stopped) == 3
    await owner.restart()
    assert owner.docker.running() == set()
    assert owner.running.stopped("/one")


@pytest.mark.parametrize(("policy", "call"), [(RestartPolicy.ALWAYS, "restart"), (RestartPolicy.NEVER, "stop")])
async def test_a_failed_liveness_probe_ends_the_container(owner: Owner, policy: RestartPolicy, call: str) -> None:
    web = replace(WEB, liveness=replace(ALIVE, command=("false",)))
    await owner.roll_out(replace(GROUP, containers=(web,), restart_policy=policy))
    await eventually(lambda: (call, MEMBER) in owner.docker.calls)
    assert bool(owner.running.restarts("/one")) is (policy is RestartPolicy.ALWAYS)


async def test_removing_a_group_leaves_nothing_and_the_last_takes_the_pause_image(owner: Owner) -> None:
    other = replace(GROUP, key="/two", names=replace(GROUP.names, group="edgeway-012345-two"))
    await owner.roll_out(GROUP)
    await owner.roll_out(other)
    await owner.running.remove("/one", GROUP.names)
    assert owner.docker.present == {"edgeway-012345-pause:1"}
    await owner.running.remove("/two", other.names)
    assert owner.docker.things == {"containers": {}, "networks": {}, "volumes": {}}
    assert owner.docker.present == set()
    assert owner.running.lives("/one") == []


def test_a_long_name_of_a_group_is_a_shorter_host() -> None:
    names = GroupNames(kind="k", group=f"edgeway-{'a' * 54}--long")

    assert (names.host, names.network) == (f"edgeway-{'a' * 54}", names.group)
    assert GroupNames(kind="k", group="short").host == "short"
