"""Passwords of a registry token as a long operation, by Microsoft's client and by raw calls. No Docker."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from azure.core.exceptions import HttpResponseError
from azure.identity import DefaultAzureCredential
from azure.mgmt.containerregistry import ContainerRegistryManagementClient

from standin.core.auth import SUBSCRIPTION_ID
from standin.core.profile import FAST
from tests.standin.running import RunningStandin, running_standin, wire

pytestmark = pytest.mark.slow

GROUP = f"/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/rg-generating"
REGISTRY = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/edgewaygenerating"
TOKEN = f"{REGISTRY}/tokens/line-one"
ASKED = {"tokenId": TOKEN, "name": "password1"}


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStandin]:
    profile = replace(FAST, new_token_refusals=1)
    state: Path = tmp_path_factory.mktemp("standin")
    with (
        running_standin(state, profile=profile, services=("containerregistry",)) as running,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in running.environment.items():
            patch.setenv(name, value)
        place = {"location": "westeurope"}
        running.arm("PUT", GROUP, place).raise_for_status()
        running.arm("PUT", REGISTRY, {**place, "sku": {"name": "Basic"}}).raise_for_status()
        scope_map = f"{REGISTRY}/scopeMaps/_repositories_pull"
        running.arm("PUT", TOKEN, {"properties": {"scopeMapId": scope_map}}).raise_for_status()
        yield running
        running.arm("DELETE", GROUP).raise_for_status()


def _followed(azure: RunningStandin, url: str) -> requests.Response:
    parts = urlsplit(url)
    return azure.arm("GET", parts.path, version=parse_qs(parts.query)["api-version"][0])


def test_a_new_token_is_not_active_yet_then_the_value_is_at_the_location(
    azure: RunningStandin, credential: DefaultAzureCredential
) -> None:
    with ContainerRegistryManagementClient(credential, SUBSCRIPTION_ID) as client:
        generate = client.registries.begin_generate_credentials
        with pytest.raises(HttpResponseError) as early:
            generate("rg-generating", "edgewaygenerating", wire(ASKED))
        assert (early.value.status_code, early.value.error and early.value.error.code) == (409, "TokenNotActive")
        made = generate("rg-generating", "edgewaygenerating", wire(ASKED)).result()
    assert [password.name for password in made.passwords or ()] == ["password1"]
    answer = azure.arm("POST", f"{REGISTRY}/generateCredentials", ASKED)
    assert (answer.status_code, answer.content) == (202, b"")
    status = _followed(azure, answer.headers["Azure-AsyncOperation"]).json()
    assert (status["status"], set(status)) == ("Succeeded", {"id", "name", "status"})
    (password,) = _followed(azure, answer.headers["Location"]).json()["passwords"]
    assert (password["name"], len(password["value"])) == ("password1", 52)
    assert password["value"].encode() not in (azure.base.state / "standin.db").read_bytes()
