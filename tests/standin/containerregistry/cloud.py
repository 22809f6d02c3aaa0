"""A stand-in, Microsoft's unmodified clients aimed at it, and the Docker engine: for registries and groups."""

from __future__ import annotations

import contextlib
import io
import tarfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import pytest
import requests
from azure.identity import ClientSecretCredential
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.containerinstance import ContainerInstanceManagementClient
from azure.mgmt.containerregistry import ContainerRegistryManagementClient
from azure.mgmt.msi import ManagedServiceIdentityClient
from azure.mgmt.resource.resources import ResourceManagementClient
from docker.errors import ImageNotFound

from standin.core.auth import BUILT_IN_ROLES, SUBSCRIPTION_ID
from tests.standin.running import RunningStandin, running_standin
from tests.waiting import DEADLINE_S

GROUP = "rg-containers"
LOCATION = "westeurope"
MANAGEMENT = "https://management.azure.com/.default"
ALL_ZERO = "00000000-0000-0000-0000-000000000000"


@dataclass
class Cloud:
    """The clients are Any: in their models every field may be None, and a test that meets None fails anyway."""

    standin: RunningStandin
    credential: ClientSecretCredential
    registries: Any
    containers: Any
    identities: Any
    roles: Any
    resources: Any
    engine: docker.DockerClient

    # -- registries

    def make_registry(self, name: str, **properties: Any) -> Any:
        body = {"location": LOCATION, "sku": {"name": "Basic"}, "properties": properties}
        return self.registries.registries.begin_create(GROUP, name, body).result()

    def make_token(self, registry: str, name: str, actions: list[str]) -> str:
        """A token with a scope map of its own; answers the token's id."""
        scope_map = self.registries.scope_maps.begin_create(
            GROUP, registry, f"map-{name}", {"properties": {"actions": actions}}
        ).result()
        token = self.registries.tokens.begin_create(
            GROUP, registry, name, {"properties": {"scopeMapId": scope_map.id, "status": "enabled"}}
        ).result()
        return str(token.id)

    def generate(self, registry: str, token_id: str, **options: Any) -> dict[str, str]:
        """Passwords by slot."""
        made = self.registries.registries.begin_generate_credentials(
            GROUP, registry, {"tokenId": token_id, **options}
        ).result()
        return {each["name"]: each["value"] for each in made.passwords}

    def refresh_token(self, server: str, access_token: str) -> str:
        realm = f"http://127.0.0.1:{self.standin.base.ports.plain}/oauth2/exchange"
        fields = {"grant_type": "access_token", "service": server, "access_token": access_token}
        answer = requests.post(realm, data=fields, timeout=DEADLINE_S)
        answer.raise_for_status()
        return str(answer.json()["refresh_token"])

    def deployer(self, server: str) -> dict[str, str]:
        """Docker's login for whoever deploys."""
        token = self.refresh_token(server, self.credential.get_token(MANAGEMENT).token)
        return {"username": ALL_ZERO, "password": token}

    # -- identities

    def make_identity(self, name: str) -> Any:
        return self.identities.user_assigned_identities.create_or_update(GROUP, name, {"location": LOCATION})

    def grant(self, scope: str, principal: str, role: str) -> None:
        definition = f"/subscriptions/{SUBSCRIPTION_ID}/providers/Microsoft.Authorization/roleDefinitions/"
        properties = {
            "roleDefinitionId": definition + BUILT_IN_ROLES[role],
            "principalId": principal,
            "principalType": "ServicePrincipal",
        }
        self.roles.role_assignments.create(scope, str(uuid.uuid4()), {"properties": properties})

    def token_of(self, principal: str) -> str:
        """An Entra token as the identity itself would get it on its machine."""
        return self.standin.do(lambda base: base.issuer.issue("https://management.azure.com", object_id=principal))

    # -- images

    def import_image(self, reference: str, content: bytes = b"x") -> str:
        """An image of one file."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as tar:
            entry = tarfile.TarInfo("file")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
        repository, _, tag = reference.rpartition(":")
        self.engine.api.import_image_from_data(buffer.getvalue(), repository=repository, tag=tag)
        return reference

    def push(self, reference: str, login: dict[str, str]) -> str:
        """The digest, or the engine's complaint as a RuntimeError."""
        repository, _, tag = reference.rpartition(":")
        for line in self.engine.api.push(repository, tag=tag, auth_config=login, stream=True, decode=True):
            if "error" in line:
                raise RuntimeError(line["error"])
            if "aux" in line:
                return str(line["aux"]["Digest"])
        raise RuntimeError("the engine reported no digest")

    def forget(self, reference: str) -> None:
        """Off the engine, under all of its names: a pull of an image that is here succeeds without any right."""
        with contextlib.suppress(ImageNotFound):
            self._forget(self.engine.images.get(reference).attrs, "")

    def sweep(self) -> None:
        """Everything that has a name of one of this stand-in's registries."""
        base = self.standin.base.ports.base
        # not images.list(): it asks for each of them again, and another test may have removed one meanwhile
        for image in self.engine.api.images():
            for port in range(base, base + 20):
                self._forget(image, f"127.0.0.1:{port}/")

    def _forget(self, image: Mapping[str, Any], prefix: str) -> None:
        for name in [*(image["RepoTags"] or []), *(image["RepoDigests"] or [])]:
            if name.startswith(prefix):
                with contextlib.suppress(ImageNotFound):
                    self.engine.images.remove(name, force=True)


@contextmanager
def cloud_in(state: Path, *services: str, keep: bool = False, **options: Any) -> Iterator[Cloud]:
    """`keep` leaves everything as it is at the end, for the next stand-in on the same folder."""
    with ExitStack() as stack:
        standin = stack.enter_context(running_standin(state, services=services, **options))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for name in ("https_proxy", "http_proxy", "HTTP_PROXY"):
            patch.delenv(name, raising=False)
        for name, value in standin.environment.items():
            patch.setenv(name, value)
        credential = stack.enter_context(
            ClientSecretCredential(
                standin.environment["AZURE_TENANT_ID"],
                standin.environment["AZURE_CLIENT_ID"],
                standin.environment["AZURE_CLIENT_SECRET"],
            )
        )
        engine = docker.from_env()
        stack.callback(engine.close)
        cloud = Cloud(
            standin=standin,
            credential=credential,
            registries=stack.enter_context(ContainerRegistryManagementClient(credential, SUBSCRIPTION_ID)),
            containers=stack.enter_context(ContainerInstanceManagementClient(credential, SUBSCRIPTION_ID)),
            identities=stack.enter_context(ManagedServiceIdentityClient(credential, SUBSCRIPTION_ID)),
            roles=stack.enter_context(AuthorizationManagementClient(credential, SUBSCRIPTION_ID)),
            resources=stack.enter_context(ResourceManagementClient(credential, SUBSCRIPTION_ID)),
            engine=engine,
        )
        cloud.resources.resource_groups.create_or_update(GROUP, {"location": LOCATION})
        try:
            yield cloud
        finally:
            if not keep:
                cloud.resources.resource_groups.begin_delete(GROUP).result()
                cloud.sweep()
