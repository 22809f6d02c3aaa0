"""A stand-in in which everything is as docs/parity.md says, and what first-contact is told of the stack `dev`."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import requests

from cli.first_contact.contact import Contact
from cli.first_contact.finding import Finding, Outcome
from cli.first_contact.planned import NOBODY, Deployer, Plan, Planned, planned
from cli.first_contact.running import StepResult, run_steps
from cli.first_contact.steps import STEPS
from clone.root import ROOT
from cloud.sessions import forget_sessions
from dryrun import make_clone, stack_tree
from standin.core.auth import BUILT_IN_ROLES, DEPLOYER_OBJECT_ID, SUBSCRIPTION_ID, TENANT_ID
from standin.core.http import Request, Response, Route, Service, json_response
from standin.core.part import Part
from tests.standin.running import RunningStandin, running_standin
from tests.waiting import DEADLINE_S

SERVICES = ("blob", "keyvault", "iothub", "containerinstance", "containerregistry", "machinelearning")
SUBSCRIPTION = f"/subscriptions/{SUBSCRIPTION_ID}"
STATE = f"{SUBSCRIPTION}/resourceGroups/rg-state"
TAGS = ["1.5.0", "1.6.0", "1.6.1", "1.6.2", "1.6", "latest"]


class Mcr(Service):
    """Of Microsoft's registry the tag lists that step 0 asks for."""

    hosts = ("mcr.microsoft.com",)

    def __init__(self) -> None:
        self.routes = (Route("GET", "/v2/{image}/tags/list", self.tags),)

    async def tags(self, request: Request, parameters: Mapping[str, str]) -> Response:
        return json_response({"name": parameters["image"], "tags": TAGS})


@pytest.fixture(scope="package")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStandin]:
    state: Path = tmp_path_factory.mktemp("standin")
    with (
        running_standin(state, services=SERVICES, more=[Part(name="mcr", service=Mcr())]) as running,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in running.environment.items():
            patch.setenv(name, value)
        patch.setattr("urllib.request._opener", None)  # it keeps the proxies of its first call, whosoever test that was
        patch.setenv("PULUMI_BACKEND_URL", "azblob://state?storage_account=stpulumistate")
        _make_state(running)
        yield running


@pytest.fixture(scope="package")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """Asked once for the stack and once for the group of its own: a process each."""
    clone = make_clone(tmp_path_factory.mktemp("clone"))

    @cache
    def once(scratch: bool) -> Planned:
        deployer = Deployer(subscription=SUBSCRIPTION_ID, tenant=TENANT_ID, principal=DEPLOYER_OBJECT_ID)
        return planned("first0" if scratch else "dev", given[scratch], deployer, clone)

    given: dict[bool, Mapping[str, Any]] = {}

    def asked(stack: str, config: Mapping[str, Any], deployer: Deployer, clone: Path = clone) -> Planned:
        known = Deployer(subscription=SUBSCRIPTION_ID, tenant=TENANT_ID, principal=DEPLOYER_OBJECT_ID)
        assert deployer in (known, NOBODY)
        given.setdefault(stack != "dev", config)
        return once(stack != "dev")

    return asked


@pytest.fixture
def contact(azure: RunningStandin, plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Contact]:
    """The stand-in's plugin is in the place of azure-native's."""
    folder = tmp_path / "plugins" / f"resource-azure-native-v{version('pulumi-azure-native')}"
    folder.mkdir(parents=True)
    (folder / "pulumi-resource-azure-native").symlink_to(ROOT / "standin" / "plugin" / "pulumi-resource-azure-native")
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path))
    forget_sessions()
    provider = "azurekeyvault://kv-state.vault.azure.net/keys/pulumi"
    yield Contact("dev", {**stack_tree("dev"), "edgeway:roleSettleSeconds": 0, "secretsprovider": provider}, plan=plan)
    azure.do(lambda base: base.faults.clear())
    forget_sessions()


@pytest.fixture
def scratch(contact: Contact, monkeypatch: pytest.MonkeyPatch) -> Iterator[Contact]:
    monkeypatch.setattr("cli.first_contact.waiting.PAUSE_SECONDS", 0.02)
    for limit in ("hub._ROLE", "hub._NAME", "vaults._NAME", "role_assignments._VISIBLE"):
        monkeypatch.setattr(f"cli.first_contact.steps.{limit}_SECONDS", 30.0)
    monkeypatch.setattr("cloud.purge._POLL_SECONDS", 0.02)
    yield contact
    contact.close()


def alive(azure: RunningStandin) -> list[str]:
    """Resources and groups, but for those of the state."""
    return azure.do(lambda base: [one.id for one in base.arm.list() if not one.id.startswith(STATE)])


Fault = Callable[..., None]


@pytest.fixture
def fault(azure: RunningStandin) -> Fault:
    """Plans an answer that Azure would not give: `fault("usages", body={...})`."""

    def planned(path: str, *, host: str = "", method: str = "", count: int = 1, **answer: Any) -> None:
        asked = {"path": path, "host": host, "method": method, "count": count, **answer}
        requests.post(f"{azure.control}/faults", json={"status": 200, **asked}, timeout=DEADLINE_S).raise_for_status()

    return planned


def results_of(contact: Contact, *numbers: int, keep_going: bool = False) -> list[StepResult]:
    results: list[StepResult] = []
    steps = [step for step in STEPS if step.number in numbers]
    run_steps(steps, contact, results, keep_going=keep_going, begun=lambda step: None, found=lambda finding: None)
    return results


def findings(results: list[StepResult]) -> list[Finding]:
    return [finding for result in results for finding in result.findings]


def surprises(results: list[StepResult]) -> dict[str, str]:
    return {one.expectation: one.found for one in findings(results) if one.outcome is Outcome.SURPRISE}


def assign(azure: RunningStandin, scope: str, role: str) -> None:
    """To the deployer."""
    definition = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{BUILT_IN_ROLES[role]}"
    properties = {"principalId": DEPLOYER_OBJECT_ID, "roleDefinitionId": definition}
    path = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
    answer = azure.arm("PUT", path, {"properties": properties}, version="2022-04-01")
    assert answer.ok, answer.text


def _make_state(azure: RunningStandin) -> None:
    """What docs/azure.md's step "State" makes."""
    assert azure.arm("PUT", STATE, {"location": "westeurope"}).ok
    account = f"{STATE}/providers/Microsoft.Storage/storageAccounts/stpulumistate"
    body = {"location": "westeurope", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "properties": {}}
    assert azure.arm("PUT", account, body, version="2023-05-01").ok
    vault = f"{STATE}/providers/Microsoft.KeyVault/vaults/kv-state"
    properties = {"tenantId": TENANT_ID, "sku": {"family": "A", "name": "standard"}}
    assert azure.arm("PUT", vault, {"location": "westeurope", "properties": properties}, version="2023-07-01").ok
    assign(azure, STATE, "Storage Blob Data Contributor")
    assign(azure, STATE, "Key Vault Crypto Officer")
    storage = azure.do(lambda base: base.issuer.issue("https://storage.azure.com"))
    headers = {"Authorization": f"Bearer {storage}", "x-ms-version": "2024-11-04"}
    url = "https://stpulumistate.blob.core.windows.net/state?restype=container"
    assert requests.put(url, headers=headers, timeout=DEADLINE_S).status_code == 201
    key = azure.do(lambda base: base.issuer.issue("https://vault.azure.net"))
    asked = {"kty": "RSA", "key_size": 3072, "key_ops": ["encrypt", "decrypt", "wrapKey", "unwrapKey"]}
    url = "https://kv-state.vault.azure.net/keys/pulumi/create?api-version=7.4"
    assert requests.post(url, json=asked, headers={"Authorization": f"Bearer {key}"}, timeout=DEADLINE_S).ok
