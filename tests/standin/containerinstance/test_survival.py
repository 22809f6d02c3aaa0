"""The stand-in goes and comes back: what ran is adopted, what was half made is removed, secrets are there again."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import docker
import pytest
import requests
from azure.core.exceptions import AzureError
from azure.identity import ClientSecretCredential
from azure.mgmt.containerinstance import ContainerInstanceManagementClient

from standin.core.auth import SUBSCRIPTION_ID
from tests.standin.containerinstance.groups import WEB_WITH_SECRET, Group, base64_of, body, container, until
from tests.standin.containerregistry.cloud import GROUP, cloud_in
from tests.waiting import DEADLINE_S

pytestmark = pytest.mark.docker

SERVICES = ("containerregistry", "containerinstance")


def secret_group() -> dict[str, Any]:
    web = container(script=WEB_WITH_SECRET, volumeMounts=[{"name": "keys", "mountPath": "/secrets"}])
    return body(web, volumes=[{"name": "keys", "secret": {"key": base64_of("k")}}])


def answers(group: Group) -> bool:
    try:
        return requests.get(f"http://{group.get().ip_address.ip}/", timeout=DEADLINE_S).text == "k"
    except requests.RequestException:
        return False


def ids(group: Group) -> list[str]:
    return [str(each.id) for each in group.docker_containers()]


def test_a_restarted_stand_in_adopts_its_groups_and_removes_strangers(tmp_path: Path) -> None:
    with cloud_in(tmp_path, *SERVICES, keep=True) as cloud:
        group = Group(cloud, "g-adopted")
        group.put(**secret_group())
        until(lambda: answers(group), "the group answers")
        before, address, base = ids(group), group.get().ip_address.ip, cloud.standin.base.ports.base
        half_made = {
            "edgeway.standin": cloud.standin.base.docker.instance,
            "edgeway.kind": "container-group",
            "edgeway.group": "edgeway-half-made",
        }
        cloud.engine.networks.create("edgeway-half-made", labels=half_made)
    with cloud_in(tmp_path, *SERVICES, port_base=base) as cloud:
        group = Group(cloud, "g-adopted")
        until(lambda: answers(group), "it answers as before")
        assert ids(group) == before
        assert group.get().ip_address.ip == address
        assert group.view().current_state.state == "Running"
        assert cloud.engine.networks.list(names=["edgeway-half-made"]) == []


def test_secrets_are_filled_in_again_after_the_machine_was_off(tmp_path: Path) -> None:
    with cloud_in(tmp_path, *SERVICES, keep=True) as cloud:
        group = Group(cloud, "g-poweroff")
        group.put(**secret_group())
        until(lambda: answers(group), "the group answers")
        base = cloud.standin.base.ports.base
        instance = cloud.standin.base.docker.instance
    engine = docker.from_env()
    label: dict[str, str | list[str] | bool] = {"label": f"edgeway.standin={instance}"}
    for each in engine.containers.list(filters=label):
        each.kill()  # memory volumes are empty from here on
    engine.close()
    with cloud_in(tmp_path, *SERVICES, port_base=base) as cloud:
        group = Group(cloud, "g-poweroff")
        until(lambda: answers(group), "it answers with its secret")


def test_a_vanished_container_is_told_after_a_restart_too(tmp_path: Path) -> None:
    with cloud_in(tmp_path, *SERVICES, keep=True) as cloud:
        group = Group(cloud, "g-lost")
        group.put(**body(container()))
        base = cloud.standin.base.ports.base
        (lost,) = group.docker_containers()
    lost.remove(force=True)
    with cloud_in(tmp_path, *SERVICES, port_base=base) as cloud:
        group = Group(cloud, "g-lost")
        assert group.get().instance_view.state == "Failed"
        assert group.view().current_state.detail_status == "ContainerVanished"


def test_a_killed_stand_in_finds_registry_and_groups_again(tmp_path: Path) -> None:
    """kill -9 of the real process, then another one on the same folder."""
    with cloud_in(tmp_path, *SERVICES, keep=True) as cloud:
        base = cloud.standin.base.ports.base
        server = cloud.make_registry("edgewaykilled").properties.login_server
        group = Group(cloud, "g-killed")
        group.put(**body(container()))
        before = ids(group)
    with process_on(tmp_path, base):
        until(lambda: listens(f"http://{server}/v2/"), "the registry is up")
    assert listens(f"http://{server}/v2/"), "the registry outlives its supervisor"
    with cloud_in(tmp_path, *SERVICES, port_base=base) as cloud:
        group = Group(cloud, "g-killed")
        assert ids(group) == before
        assert group.view().current_state.state == "Running"
        reference = cloud.import_image(f"{server}/thing:1")
        assert cloud.push(reference, cloud.deployer(server)).startswith("sha256:")


def test_a_group_that_was_half_made_at_the_kill_is_finished_by_the_next_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with cloud_in(tmp_path, *SERVICES, keep=True) as cloud:
        base, environment = cloud.standin.base.ports.base, cloud.standin.environment
        label: dict[str, str | list[str] | bool] = {"label": f"edgeway.standin={cloud.standin.base.docker.instance}"}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with closing(docker.from_env()) as engine, ThreadPoolExecutor() as pool:
        with process_on(tmp_path, base):
            put = pool.submit(put_and_lose, environment)
            until(lambda: engine.networks.list(filters=label), "the group is being made", pause=0.002)
        assert isinstance(put.exception(timeout=DEADLINE_S), AzureError), (
            "the answer came before the kill: the test is void"
        )
    with cloud_in(tmp_path, *SERVICES, port_base=base) as cloud:
        group = Group(cloud, "g-half")
        until(lambda: answers(group), "the group answers with its secret")
        until(lambda: group.get().provisioning_state == "Succeeded", "the operation ended")
        assert len(ids(group)) == 1


def put_and_lose(environment: Mapping[str, str]) -> None:
    wanted: Any = secret_group()
    names = ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET")
    with (
        ClientSecretCredential(*(environment[name] for name in names)) as credential,
        ContainerInstanceManagementClient(credential, SUBSCRIPTION_ID, retry_total=0) as client,
    ):
        client.container_groups.begin_create_or_update(GROUP, "g-half", wanted).result()


@contextmanager
def process_on(state: Path, base: int) -> Iterator[None]:
    """The stand-in as a process of its own, killed without a warning at the end."""
    arguments = [sys.executable, "-m", "standin", "--state", str(state), "--port-base", str(base)]
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: listens(f"http://127.0.0.1:{base + 3}/_standin/health"), "the process is up")
        yield
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def listens(url: str) -> bool:
    try:
        return requests.get(url, timeout=DEADLINE_S).status_code in (200, 401)
    except requests.RequestException:
        return False
