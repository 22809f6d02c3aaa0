"""What Microsoft's management clients send for each optional parameter of each method, without sending it.

The methods, and their parameters, are read off the clients, so that a newer client's are asked for unseen.
"""

from __future__ import annotations

import importlib
import inspect
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from azure.core.credentials import AccessToken
from azure.core.pipeline.transport import HttpTransport

from standin.core.auth import SUBSCRIPTION_ID, TENANT_ID

CLIENTS: Mapping[str, tuple[str, ...]] = {
    "azure.mgmt.resource.resources:ResourceManagementClient": ("resource_groups", "resources", "providers"),
    "azure.mgmt.keyvault:KeyVaultManagementClient": ("vaults", "secrets"),
    "azure.mgmt.storage:StorageManagementClient": ("storage_accounts", "blob_containers"),
    "azure.mgmt.containerregistry:ContainerRegistryManagementClient": ("registries", "scope_maps", "tokens"),
    "azure.mgmt.containerinstance:ContainerInstanceManagementClient": ("container_groups", "containers", "location"),
    "azure.mgmt.iothub:IotHubClient": ("iot_hub_resource", "resource_provider_common"),
    "azure.mgmt.loganalytics:LogAnalyticsManagementClient": ("workspaces", "deleted_workspaces", "shared_keys"),
    "azure.mgmt.msi:ManagedServiceIdentityClient": ("user_assigned_identities",),
    "azure.mgmt.compute:ComputeManagementClient": (
        "virtual_machines", "virtual_machine_run_commands", "disks", "resource_skus", "usage",
    ),
    "azure.mgmt.network:NetworkManagementClient": (
        "virtual_networks", "subnets", "network_security_groups", "public_ip_addresses", "nat_gateways",
        "network_interfaces",
    ),
    "azure.mgmt.authorization:AuthorizationManagementClient": ("role_assignments", "role_definitions", "permissions"),
    "azure.mgmt.applicationinsights:ApplicationInsightsManagementClient": ("components",),
    "azure.ai.ml._restclient.arm_ml_service:MachineLearningServicesMgmtClient": (
        "workspaces", "datastores", "model_containers", "model_versions", "compute", "usages", "virtual_machine_sizes",
        "code_containers", "code_versions", "data_containers", "data_versions", "environment_containers",
        "environment_versions", "jobs", "online_endpoints", "online_deployments",
    ),
}  # fmt: skip

_NAMES: Mapping[str, str] = {
    "resource_group_name": "rg", "group_name": "rg", "vault_name": "kv-x", "account_name": "stx",
    "resource_name": "hub-x", "event_hub_endpoint_name": "events", "location": "westeurope", "region": "westeurope",
    "resource_provider_namespace": "Microsoft.KeyVault", "parent_resource_path": "", "resource_type": "vaults",
    "api_version": "2024-11-01", "scope": f"/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/rg",
    "resource_id": f"/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-x",
    "role_id": f"/subscriptions/{SUBSCRIPTION_ID}/providers/Microsoft.Authorization/roleDefinitions/x",
    "role_assignment_id": f"/subscriptions/{SUBSCRIPTION_ID}/providers/Microsoft.Authorization/roleAssignments/x",
    "tenant_id": TENANT_ID, "force_deletion_types": "none",
}  # fmt: skip
_BODIES = ("parameters", "body", "vault", "secret", "token_create_parameters", "scope_map_create_parameters",
           "registry", "container_group", "iot_hub_description", "insight_properties", "resource")  # fmt: skip


@dataclass(frozen=True)
class Sent(Exception):  # noqa: N818: it is no error, it brings the request back
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Option:
    call: str
    """`KeyVault vaults.list(top)`"""
    without: Sent
    name: str
    """On the wire: of a query parameter or a header."""
    header: bool


class _Recorder(HttpTransport[Any, Any]):
    def __enter__(self) -> _Recorder:
        return self

    def __exit__(self, *args: object) -> None: ...
    def open(self) -> None: ...
    def close(self) -> None: ...

    def send(self, request: Any, **kwargs: Any) -> Any:
        url = urlsplit(request.url)
        headers = {name.lower(): value for name, value in request.headers.items()}
        raise Sent(request.method, url.path, dict(parse_qsl(url.query, keep_blank_values=True)), headers)


class _Credential:
    def get_token(self, *scopes: str, **kwargs: Any) -> AccessToken:
        return AccessToken("x", 4_000_000_000)


def methods() -> Iterator[tuple[str, Callable[..., Any]]]:
    for reference, groups in CLIENTS.items():
        module, _, name = reference.partition(":")
        client = getattr(importlib.import_module(module), name)
        made = client(credential=_Credential(), subscription_id=SUBSCRIPTION_ID, transport=_Recorder())
        for group in groups:
            for method, call in inspect.getmembers(getattr(made, group), callable):
                if not method.startswith("_"):
                    yield f"{name} {group}.{method}", call


def requests() -> Iterator[tuple[str, Sent]]:
    """Of each method, without anything that may be left out: what a client says unasked."""
    for title, call in methods():
        if call.__name__.startswith(("get", "list")):
            yield title, _sent(call, {name: _value(name) for name in _needed(call)})


def options() -> Iterator[Option]:
    for title, call in methods():
        yield from _of_method(title, call)


def _needed(call: Callable[..., Any]) -> list[str]:
    known = inspect.signature(call).parameters.values()
    free = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    return [one.name for one in known if one.kind not in free and one.default is inspect.Parameter.empty]


def _of_method(title: str, call: Callable[..., Any]) -> Iterator[Option]:
    needed = {name: _value(name) for name in _needed(call)}
    optional = [
        name for name, one in inspect.signature(call).parameters.items() if one.default is not inspect.Parameter.empty
    ]
    without = _sent(call, needed) if optional else None
    for name in optional if without is not None else ():
        assert without is not None
        given = _sent(call, {**needed, name: _value(name), **_with(name)})
        for header, before, after in ((False, without.query, given.query), (True, without.headers, given.headers)):
            for wire in sorted(name for name in after if before.get(name) != after[name]):
                if wire.startswith("content-") or wire == "x-ms-client-request-id":
                    continue
                yield Option(f"{title}({name})", without, wire, header)


def _with(name: str) -> dict[str, Any]:
    """What a client wants beside an etag."""
    from azure.core import MatchConditions

    return {"match_condition": MatchConditions.IfNotModified} if name == "etag" else {}


def _sent(call: Callable[..., Any], arguments: Mapping[str, Any]) -> Sent:
    try:
        answer = call(**arguments)
        next(iter(answer))
    except Sent as request:
        return request
    raise AssertionError(f"{call} sends nothing with {arguments}")


def _value(name: str) -> Any:
    if name in _BODIES:
        return io.BytesIO(b"{}")
    return {"top": 1, "count": 1, "tail": 1, "offset": 1, "timestamps": True, "names": ["x"], "is_default": True,
            "force": True, "force_to_purge": True, "order_by_asc": True, "skip_validation": True,
            "ai_capabilities": True, "sas_uri_expiration_time_in_minutes": 5, "skip_shutdown": True,
            "hibernate": True, "force_deletion": True}.get(name, _NAMES.get(name, "x"))  # fmt: skip
