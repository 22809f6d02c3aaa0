"""Writes mapping.json: how azure-native's inputs become ARM bodies. Run it after a change of kinds.py or of an SDK.

    python -m standin.plugin.generate

azure-native names are ARM names, but for what this finds: nested `properties` objects that azure-native flattens (at
any depth), lists that are maps keyed by id, and the few names that differ. A test regenerates the file and compares.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from standin.plugin.kinds import KINDS, Kind
from standin.plugin.oracle import (
    Input,
    Node,
    api_version,
    arguments,
    inputs,
    merge,
    model,
    nested_arguments,
    outputs,
)

TARGET = Path(__file__).with_name("mapping.json")

# Names whose ARM spelling no rule finds (azure-native's metadata calls these `sdkName`).
_RENAMED = {
    ("storage:StorageAccount", "enableHttpsTrafficOnly"): "properties.supportsHttpsTrafficOnly",
    ("storage:StorageAccount", "enableNfsV3"): "properties.isNfsV3Enabled",
    ("storage:StorageAccount", "networkRuleSet"): "properties.networkAcls",
    ("storage.EncryptionArgs", "encryptionIdentity"): "identity",
    ("storage.EncryptionIdentityArgs", "encryptionUserAssignedIdentity"): "userAssignedIdentity",
    ("storage.EncryptionIdentityArgs", "encryptionFederatedIdentityClientId"): "federatedIdentityClientId",
    ("storage.VirtualNetworkRuleArgs", "virtualNetworkResourceId"): "id",
    ("storage.IPRuleArgs", "iPAddressOrRange"): "value",
    ("keyvault.SecretAttributesArgs", "expires"): "exp",
    ("keyvault.SecretAttributesArgs", "notBefore"): "nbf",
    ("containerregistry.IPRuleArgs", "iPAddressOrRange"): "value",
    ("network.IpamPoolPrefixAllocationArgs", "id"): "pool.id",
}
# Inputs of an API version that the models do not know yet: these go where their neighbours go.
_NEWER = frozenset(
    {
        ("containerregistry.PoliciesArgs", "softDeletePolicy"),
        ("containerinstance:ContainerGroup", "containerGroupProfile"),
        ("containerinstance:ContainerGroup", "standbyPoolProfile"),
        ("containerinstance.ContainerArgs", "configMap"),
        ("containerinstance.EnvironmentVariableArgs", "secureValueReference"),
        ("containerinstance.ImageRegistryCredentialArgs", "passwordReference"),
        ("containerinstance.VolumeArgs", "secretReference"),
        ("containerinstance.AzureFileVolumeArgs", "storageAccountKeyReference"),
    }
)
# Never part of a body, whatever the model says: azure-native keeps the version as an input.
_NOT_SENT = frozenset({"azureApiVersion"})


class _Generator:
    def __init__(self) -> None:
        self.types: dict[str, dict[str, Any]] = {}
        self._nodes: dict[str, Node] = {}

    def resource(self, kind: Kind) -> dict[str, Any]:
        fields = [each for each in inputs(kind.token, arguments(kind.token)) if each.name not in kind.params]
        self.types[kind.token] = self._type(kind, kind.token, fields, model(kind.model))
        required = [each.name for each in inputs(kind.token, arguments(kind.token)) if each.required]
        return {
            "api": api_version(kind.token),
            "required": sorted({*required, *kind.params}),
            "outputs": dict(sorted(outputs(kind.token).items())),
        }

    def _type(self, kind: Kind, type_name: str, fields: list[Input], node: Node) -> dict[str, Any]:
        body = node.expand()
        sent = [each for each in fields if each.name not in _NOT_SENT]
        found = {each.name: _target(type_name, each.name, body) for each in sent}
        flattened = any(path and path[0] == "properties" and path != ["properties"] for path in found.values())
        described = {}
        for each in sent:
            path = found[each.name]
            if path is None:
                path = _neighbours(type_name, each.name, flattened, modelled=bool(body))
            described[each.name] = self._field(kind, each, path, _at(node, path))
        return described

    def _field(self, kind: Kind, each: Input, path: list[str], place: Node) -> dict[str, Any]:
        described: dict[str, Any] = {}
        if path != [each.name]:
            described["to"] = ".".join(path)
        if each.required:
            described["required"] = True
        if each.enum:
            described["enum"] = list(each.enum)
        if each.map and each.nested:
            described["map"] = True
        if each.list and not each.nested and place.map:
            described["set"] = True
        if each.nested:
            described["of"] = [self._nested(kind, name, place) for name in each.nested]
        return described

    def _nested(self, kind: Kind, name: str, place: Node) -> str:
        """Describes a nested input class, again where it is met at a place that adds to what is known of its body."""
        type_name = f"{kind.token.partition(':')[0]}.{name}"
        known = self._nodes.get(type_name)
        if known is not None and all(each in known.models for each in place.models):
            return type_name
        merged = self._nodes.setdefault(type_name, Node())
        merge(merged, place)
        cls = nested_arguments(kind.token, name)
        self.types[type_name] = self._type(kind, type_name, inputs(kind.token, cls), merged)
        return type_name


def _at(node: Node, path: list[str]) -> Node:
    for step in path:
        node = node.expand().get(step, Node())
    return node


def _target(type_name: str, name: str, body: dict[str, Node]) -> list[str] | None:
    """Where an input lies in the body: by name, inside `properties`, then by name without case and underscores."""
    renamed = _RENAMED.get((type_name, name))
    if renamed is not None:
        return renamed.split(".")
    inner = body["properties"].expand() if "properties" in body else {}
    if name in body:
        return [name]
    if name in inner:
        return ["properties", name]
    for found in body:
        if _plain(found) == _plain(name):
            return [found]
    for found in inner:
        if _plain(found) == _plain(name):
            return ["properties", found]
    return None


def _neighbours(type_name: str, name: str, flattened: bool, *, modelled: bool) -> list[str]:
    if modelled and (type_name, name) not in _NEWER:
        raise LookupError(f"{type_name}.{name}: no such field in the model, and not listed as renamed or newer")
    return ["properties", name] if flattened else [name]


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()


def generate() -> str:
    generator = _Generator()
    resources = {kind.token: generator.resource(kind) for kind in KINDS}
    return _render({"resources": resources, "types": dict(sorted(generator.types.items()))})


def _render(table: dict[str, dict[str, Any]]) -> str:
    """One line per resource and type, so that a change of an SDK reads well in a diff."""
    parts = []
    for section, entries in table.items():
        lines = [
            f"    {json.dumps(name)}: {json.dumps(entry, separators=(',', ':'))}" for name, entry in entries.items()
        ]
        parts.append(f"  {json.dumps(section)}: {{\n" + ",\n".join(lines) + "\n  }")
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    TARGET.write_text(generate())
