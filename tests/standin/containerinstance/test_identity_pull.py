"""A group pulls from a registry with its user-assigned identity, and with nothing less."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from standin.containers.group.pause import image_archive
from tests.standin.containerinstance.groups import Group, base64_of, body, container, until
from tests.standin.containerregistry.cloud import GROUP, Cloud

pytestmark = pytest.mark.docker

Make = Callable[..., Group]
REGISTRY = "edgewaypull"


@pytest.fixture(scope="module")
def registry(cloud: Cloud) -> Any:
    return cloud.make_registry(REGISTRY)


@pytest.fixture(scope="module")
def image(cloud: Cloud, registry: Any) -> str:
    """An image that does nothing for ever as user 10001; in the registry, by digest, and not on the engine."""
    server = registry.properties.login_server
    cloud.engine.api.import_image_from_data(
        image_archive(), repository=f"{server}/edgeway/idle", tag="1", changes=['CMD ["/pause"]', "USER 10001"]
    )
    digest = cloud.push(f"{server}/edgeway/idle:1", cloud.deployer(server))
    cloud.forget(f"{server}/edgeway/idle:1")
    return f"{server}/edgeway/idle@{digest}"


@pytest.fixture
def identity(cloud: Cloud, registry: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    name = f"id-{request.node.name[:40].replace('_', '-')}"
    made = cloud.make_identity(name)
    yield made
    cloud.identities.user_assigned_identities.delete(GROUP, name)


def described(image: str, identity: Any, *, server: str | None = None, **more: Any) -> dict[str, Any]:
    own = {"type": "UserAssigned", "userAssignedIdentities": {identity.id: {}}}
    credentials = [{"server": server or image.partition("/")[0], "identity": identity.id}]
    idle = container("idle", script="", image=image, **more.pop("container", {}))
    return body(idle, ports=(), identity=own, imageRegistryCredentials=credentials, **more)


def test_a_group_starts_once_its_identity_holds_acr_pull(
    cloud: Cloud, group: Make, registry: Any, image: str, identity: Any
) -> None:
    with pytest.raises(HttpResponseError, match=f"The image '{image}' in container group 'g-pull'") as refusal:
        group("g-pull", **described(image, identity))
    assert refusal.value.error is not None
    assert refusal.value.error.code == "InaccessibleImage"
    with pytest.raises(ResourceNotFoundError):
        cloud.containers.container_groups.get(GROUP, "g-pull")
    cloud.grant(registry.id, identity.principal_id, "AcrPull")
    made = group("g-pull", **described(image, identity))
    assert made.get().instance_view.state == "Running"


def test_an_image_that_lies_on_the_engine_still_needs_the_right(
    cloud: Cloud, group: Make, registry: Any, image: str, identity: Any
) -> None:
    cloud.engine.images.pull(image, auth_config=cloud.deployer(registry.properties.login_server))
    with pytest.raises(HttpResponseError, match="InaccessibleImage"):
        group("g-cached", **described(image, identity))
    cloud.forget(image)


def test_an_identity_that_is_not_the_group_s_own_is_refused(group: Make, image: str, identity: Any) -> None:
    wanted = described(image, identity)
    del wanted["identity"]
    with pytest.raises(HttpResponseError, match="not found in container group identity list") as refusal:
        group("g-foreign", **wanted)
    assert refusal.value.error is not None
    assert refusal.value.error.code == "InvalidImageRegistryIdentity"


def test_a_private_image_without_any_credential_is_refused(group: Make, image: str) -> None:
    with pytest.raises(HttpResponseError, match="InaccessibleImage"):
        group("g-anonymous", **body(container("idle", script="", image=image), ports=()))


def test_a_registry_token_pulls_too_and_its_password_is_never_shown(
    cloud: Cloud, group: Make, registry: Any, image: str
) -> None:
    token = cloud.make_token(REGISTRY, "acipull", ["repositories/edgeway/idle/content/read"])
    credential = {
        "server": registry.properties.login_server,
        "username": "acipull",
        "password": cloud.generate(REGISTRY, token)["password1"],
    }
    idle = container("idle", script="", image=image)
    made = group("g-token", **body(idle, ports=(), imageRegistryCredentials=[credential]))
    (shown,) = made.get().image_registry_credentials
    assert (shown.username, shown.password) == ("acipull", None)
    with pytest.raises(HttpResponseError, match="InaccessibleImage"):
        group("g-wrong", **body(idle, ports=(), imageRegistryCredentials=[{**credential, "password": "wrong"}]))


def test_secret_files_belong_to_root_alone_whoever_the_image_runs_as(
    cloud: Cloud, group: Make, registry: Any, image: str, identity: Any
) -> None:
    cloud.grant(registry.id, identity.principal_id, "AcrPull")
    mount = {"volumeMounts": [{"name": "keys", "mountPath": "/var/run/edgeway/secrets", "readOnly": True}]}
    secret = [{"name": "keys", "secret": {"scoring-key": base64_of("k")}}]
    made = group("g-owner", **described(image, identity, container=mount, volumes=secret))
    until(lambda: made.get().instance_view.state == "Running", "it runs")
    (idle,) = made.docker_containers()
    assert [each["Destination"] for each in idle.attrs["Mounts"]] == ["/var/run/edgeway/secrets"]
    (name,) = [each["Name"] for each in idle.attrs["Mounts"]]
    look = cloud.engine.containers.run(
        "python:3.11-slim-bookworm",
        ["stat", "-c", "%u %a %n", "/s/scoring-key"],
        volumes={name: {"bind": "/s", "mode": "ro"}},
        remove=True,
        labels={"edgeway.standin": cloud.standin.base.docker.instance},
    )
    assert look.decode().split() == ["0", "400", "/s/scoring-key"]
