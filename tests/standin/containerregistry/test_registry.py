"""A registry judged by Microsoft's management client and by the Docker engine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from docker.errors import APIError, DockerException

from standin.core.clock import iso
from tests.standin.containerregistry.cloud import GROUP, LOCATION, Cloud, cloud_in
from tests.waiting import DEADLINE_S

pytestmark = pytest.mark.docker

REGISTRY = "edgewaytest"
PULL = "repositories/edgeway/anomaly/content/read"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with cloud_in(tmp_path_factory.mktemp("standin"), "containerregistry") as made:
        made.make_registry(REGISTRY)
        yield made


@pytest.fixture
def server(cloud: Cloud) -> str:
    return str(cloud.registries.registries.get(GROUP, REGISTRY).properties.login_server)


@pytest.fixture
def image(cloud: Cloud, server: str) -> str:
    """An image in the registry and not on the engine; `<server>/edgeway/anomaly@sha256:...`."""
    reference = cloud.import_image(f"{server}/edgeway/anomaly:1")
    digest = cloud.push(reference, cloud.deployer(server))
    cloud.forget(reference)
    return f"{server}/edgeway/anomaly@{digest}"


def login_of(cloud: Cloud, name: str, actions: list[str]) -> dict[str, str]:
    token = cloud.make_token(REGISTRY, name, actions)
    return {"username": name, "password": cloud.generate(REGISTRY, token)["password1"]}


def may_pull(cloud: Cloud, image: str, login: dict[str, str]) -> bool:
    try:
        cloud.engine.images.get_registry_data(image, auth_config=login)
    except APIError:
        return False
    return True


def test_a_registry_tells_where_it_is_and_sends_callers_to_the_token_service(cloud: Cloud, server: str) -> None:
    assert server == f"127.0.0.1:{cloud.standin.base.ports.registry}"
    challenge = requests.get(f"http://{server}/v2/", timeout=DEADLINE_S)
    assert challenge.status_code == 401
    assert (
        f'realm="http://127.0.0.1:{cloud.standin.base.ports.plain}/oauth2/token"'
        in challenge.headers["www-authenticate"]
    )
    assert f'service="{server}"' in challenge.headers["www-authenticate"]


def test_the_deployer_pushes_and_pulls_by_digest(cloud: Cloud, server: str, image: str) -> None:
    pulled = cloud.engine.images.pull(image, auth_config=cloud.deployer(server))
    assert pulled.attrs["RepoDigests"] == [image]
    cloud.forget(image)


def test_a_token_pulls_the_repositories_of_its_scope_map_and_nothing_else(
    cloud: Cloud, server: str, image: str
) -> None:
    login = login_of(cloud, "puller", [PULL])
    other = cloud.import_image(f"{server}/edgeway/sensor:1")
    digest = cloud.push(other, cloud.deployer(server))
    cloud.forget(other)
    assert may_pull(cloud, image, login)
    assert not may_pull(cloud, f"{server}/edgeway/sensor@{digest}", login)
    with pytest.raises(DockerException):
        cloud.engine.images.pull(f"{server}/edgeway/sensor@{digest}", auth_config=login)
    mine = cloud.import_image(f"{server}/edgeway/anomaly:2", b"y")
    with pytest.raises(RuntimeError, match="denied"):
        cloud.push(mine, login)


def test_nobody_pulls_without_a_login(cloud: Cloud, image: str) -> None:
    assert not may_pull(cloud, image, {"username": "", "password": ""})
    assert not may_pull(cloud, image, {"username": "puller", "password": "wrong"})


def test_a_password_is_shown_once_and_two_live_side_by_side(cloud: Cloud, image: str) -> None:
    token = cloud.make_token(REGISTRY, "twokeys", [PULL])
    first = cloud.generate(REGISTRY, token, name="password1")
    assert list(first) == ["password1"]
    second = cloud.generate(REGISTRY, token, name="password2")
    for value in (first["password1"], second["password2"]):
        assert may_pull(cloud, image, {"username": "twokeys", "password": value})
    shown = cloud.registries.tokens.get(GROUP, REGISTRY, "twokeys").properties.credentials.passwords
    assert [(each.name, each.value) for each in shown] == [("password1", None), ("password2", None)]
    stored = (cloud.standin.base.state / "standin.db").read_bytes()
    assert first["password1"].encode() not in stored


def test_without_a_name_both_passwords_are_made_anew(cloud: Cloud, image: str) -> None:
    token = cloud.make_token(REGISTRY, "rotated", [PULL])
    old = cloud.generate(REGISTRY, token)
    new = cloud.generate(REGISTRY, token)
    assert sorted(new) == ["password1", "password2"]
    assert not may_pull(cloud, image, {"username": "rotated", "password": old["password2"]})
    assert may_pull(cloud, image, {"username": "rotated", "password": new["password2"]})


def test_a_password_ends_at_its_expiry(cloud: Cloud, image: str) -> None:
    token = cloud.make_token(REGISTRY, "shortlived", [PULL])
    expiry = iso(cloud.standin.base.clock.now() + timedelta(minutes=10))
    login = {"username": "shortlived", "password": cloud.generate(REGISTRY, token, expiry=expiry)["password1"]}
    assert may_pull(cloud, image, login)
    cloud.standin.do(lambda base: base.clock.advance(600))
    assert not may_pull(cloud, image, login)


def test_an_expiry_in_the_past_is_refused(cloud: Cloud) -> None:
    token = cloud.make_token(REGISTRY, "lateborn", [PULL])
    with pytest.raises(HttpResponseError, match=r"expiry '2020-01-01T00:00:00Z' is in the past"):
        cloud.generate(REGISTRY, token, expiry="2020-01-01T00:00:00Z")


def test_a_disabled_token_opens_nothing(cloud: Cloud, image: str) -> None:
    login = login_of(cloud, "switched", [PULL])
    assert may_pull(cloud, image, login)
    cloud.registries.tokens.begin_update(GROUP, REGISTRY, "switched", {"properties": {"status": "disabled"}}).result()
    assert not may_pull(cloud, image, login)


def test_a_changed_scope_map_changes_what_its_token_may(cloud: Cloud, image: str) -> None:
    login = login_of(cloud, "narrowed", [PULL])
    cloud.registries.scope_maps.begin_update(
        GROUP, REGISTRY, "map-narrowed", {"properties": {"actions": ["repositories/other/content/read"]}}
    ).result()
    assert not may_pull(cloud, image, login)


def test_an_identity_needs_acr_pull(cloud: Cloud, server: str, image: str) -> None:
    identity = cloud.make_identity("id-pull")

    def login() -> dict[str, str]:
        token = cloud.refresh_token(server, cloud.token_of(identity.principal_id))
        return {"username": "00000000-0000-0000-0000-000000000000", "password": token}

    assert not may_pull(cloud, image, login())
    cloud.grant(cloud.registries.registries.get(GROUP, REGISTRY).id, identity.principal_id, "AcrPull")
    assert may_pull(cloud, image, login())
    mine = cloud.import_image(f"{server}/edgeway/anomaly:3", b"z")
    with pytest.raises(RuntimeError, match="denied"):
        cloud.push(mine, login())


def test_a_forged_entra_token_is_not_exchanged(cloud: Cloud, server: str) -> None:
    with pytest.raises(requests.HTTPError, match="401"):
        cloud.refresh_token(server, "eyJhbGciOiJIUzI1NiJ9.e30.AAAA")


def test_a_manifest_can_be_deleted_with_the_delete_right(cloud: Cloud, server: str, image: str) -> None:
    name, _, digest = image.partition("@")
    repository = name.partition("/")[2]
    realm = f"http://127.0.0.1:{cloud.standin.base.ports.plain}/oauth2/token"

    def delete(login: dict[str, str]) -> int:
        scope = {"service": server, "scope": f"repository:{repository}:delete,pull"}
        token = requests.get(
            realm, params=scope, auth=(login["username"], login["password"]), timeout=DEADLINE_S
        ).json()
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        return requests.delete(
            f"http://{server}/v2/{repository}/manifests/{digest}", headers=headers, timeout=DEADLINE_S
        ).status_code

    assert delete(login_of(cloud, "readonly", [PULL])) == 401
    assert delete(cloud.deployer(server)) == 202
    assert not may_pull(cloud, image, cloud.deployer(server))


def test_credentials_of_the_admin_user_are_refused_while_it_is_off(cloud: Cloud) -> None:
    with pytest.raises(HttpResponseError, match="as admin user is disabled") as refusal:
        cloud.registries.registries.list_credentials(GROUP, REGISTRY)
    assert refusal.value.error is not None
    assert refusal.value.error.code == "UnAuthorizedForCredentialOperations"


def test_a_second_registry_has_its_own_server_its_own_images_and_an_admin_user(cloud: Cloud, image: str) -> None:
    other = cloud.make_registry("edgewayother", adminUserEnabled=True)
    credentials = cloud.registries.registries.list_credentials(GROUP, "edgewayother")
    login = {"username": "edgewayother", "password": credentials.passwords[0].value}
    server = other.properties.login_server
    assert server != cloud.registries.registries.get(GROUP, REGISTRY).properties.login_server
    assert not may_pull(cloud, f"{server}/{image.partition('/')[2]}", login)
    mine = cloud.import_image(f"{server}/thing:1")
    assert may_pull(cloud, f"{server}/thing@{cloud.push(mine, login)}", login)
    cloud.registries.registries.begin_delete(GROUP, "edgewayother").result()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://{server}/v2/", timeout=DEADLINE_S)
    with pytest.raises(ResourceNotFoundError):
        cloud.registries.registries.get(GROUP, "edgewayother")


def test_a_registry_of_the_same_name_begins_empty(cloud: Cloud) -> None:
    server = cloud.make_registry("edgewayphoenix").properties.login_server
    digest = cloud.push(cloud.import_image(f"{server}/thing:1"), cloud.deployer(server))
    cloud.registries.registries.begin_delete(GROUP, "edgewayphoenix").result()
    server = cloud.make_registry("edgewayphoenix").properties.login_server
    assert not may_pull(cloud, f"{server}/thing@{digest}", cloud.deployer(server))
    cloud.registries.registries.begin_delete(GROUP, "edgewayphoenix").result()


def test_a_taken_name_and_an_impossible_one_are_told_apart_from_a_free_one(cloud: Cloud) -> None:
    def check(name: str) -> tuple[bool, str | None]:
        answer = cloud.registries.registries.check_name_availability(
            {"name": name, "type": "Microsoft.ContainerRegistry/registries"}
        )
        return bool(answer.name_available), answer.reason

    assert check(REGISTRY.upper()) == (False, "AlreadyExists")
    assert check("with-hyphen") == (False, "Invalid")
    assert check("brandnew") == (True, None)


@pytest.mark.parametrize(
    ("name", "sku", "says"),
    [
        ("with-hyphen", "Basic", "5 to 50 characters, letters and digits only"),
        ("goodname", "Golden", "sku.name 'Golden' is not one of Basic, Standard, Premium"),
    ],
)
def test_a_registry_that_azure_would_refuse_is_refused(cloud: Cloud, name: str, sku: str, says: str) -> None:
    with pytest.raises(HttpResponseError, match=says):
        cloud.registries.registries.begin_create(
            GROUP,
            name,
            {"location": LOCATION, "sku": {"name": sku}},
        )


def test_a_scope_map_with_an_unknown_action_is_refused_by_its_name(cloud: Cloud) -> None:
    with pytest.raises(HttpResponseError, match="repositories/a/content/reed"):
        cloud.make_token(REGISTRY, "misspelt", ["repositories/a/content/reed"])


def test_a_token_without_its_scope_map_is_refused(cloud: Cloud) -> None:
    missing = f"{cloud.registries.registries.get(GROUP, REGISTRY).id}/scopeMaps/missing"
    with pytest.raises(HttpResponseError, match="is not a scope map of registry"):
        cloud.registries.tokens.begin_create(
            GROUP, REGISTRY, "mapless", {"properties": {"scopeMapId": missing, "status": "enabled"}}
        )
