"""Writes which fields Azure knows in the body of each type that the stand-in has, out of Microsoft's own SDK models.

Objects and lists are written as such, a map as `{"*": ...}`, text, numbers and booleans as null, and what may be
anything as "any".

    python -m tools.arm_fields        writes standin/core/arm/fields.json

A field that no model has is refused by the stand-in; what it does with the others, each type says itself.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from standin.plugin.kinds import KINDS
from standin.plugin.oracle import Node, model

TARGET = Path(__file__).parents[1] / "standin" / "core" / "arm" / "fields.json"
_ML = "azure.ai.ml._restclient.arm_ml_service.models"
# Types of the stand-in that azure-native's stand-in plugin does not serve.
_MORE = {
    "Microsoft.MachineLearningServices/workspaces/datastores": f"{_ML}:Datastore",
    "Microsoft.MachineLearningServices/workspaces/jobs": f"{_ML}:JobBase",
    "Microsoft.MachineLearningServices/workspaces/models": f"{_ML}:ModelContainer",
    **{
        f"Microsoft.MachineLearningServices/workspaces/{name}": f"{_ML}:{model}"
        for name, model in (
            ("codes", "CodeContainer"),
            ("codes/versions", "CodeVersion"),
            ("data", "DataContainer"),
            ("data/versions", "DataVersionBase"),
            ("environments", "EnvironmentContainer"),
        )
    },
    "Microsoft.Compute/disks": "azure.mgmt.compute.models:Disk",
    "Microsoft.Authorization/roleDefinitions": "azure.mgmt.authorization.v2022_04_01.models:RoleDefinition",
}
# Fields that Azure knows and this SDK's models do not: of newer or of older versions.
_BESIDE = {
    "Microsoft.ContainerInstance/containerGroups": {
        "properties": {
            **dict.fromkeys(("containerGroupProfile", "standbyPoolProfile", "secretReferences", "identityAcls")),
            **dict.fromkeys(("provisioningTimeoutInSeconds", "isCustomProvisioningTimeout", "networkProfile")),
            "containers": {"properties": {"configMap": None, "environmentVariables": {"secureValueReference": None}}},
            "imageRegistryCredentials": {"passwordReference": None, "identity": None},
            "volumes": {"secretReference": None, "azureFile": {"storageAccountKeyReference": None}},
        }
    },
    "Microsoft.ContainerRegistry/registries": {"properties": {"policies": {"softDeletePolicy": {}}}},
    "Microsoft.MachineLearningServices/workspaces/models/versions": {"properties": {"stage": None}},
    "Microsoft.Storage/storageAccounts": {"properties": {"networkAcls": {"ipv6Rules": None}}},
}
# Types of which no SDK is installed, after their pages below https://learn.microsoft.com/azure/templates/
_BY_HAND = {
    "Microsoft.Insights/actionGroups": dict.fromkeys(
        f"{kind}Receivers"
        for kind in (
            "armRole",
            "automationRunbook",
            "azureAppPush",
            "azureFunction",
            "email",
            "eventHub",
            "itsm",
            "logicApp",
            "sms",
            "voice",
            "webhook",
        )
    )
    | dict.fromkeys(("groupShortName", "enabled")),
    "Microsoft.AlertsManagement/smartDetectorAlertRules": dict.fromkeys(
        ("actionGroups", "description", "detector", "frequency", "scope", "severity", "state", "throttling")
    ),
}


def tables() -> dict[str, Any]:
    served = _models()
    of_models = {name: _with(_tree(model(served[name])), _BESIDE.get(name, {})) for name in served}
    by_hand = {name: dict.fromkeys(known, "any") for name, known in _BY_HAND.items()}
    return of_models | {name: {"identity": "any", "properties": known} for name, known in by_hand.items()}


def read_only() -> dict[str, set[str]]:
    """Dotted paths that Microsoft's models mark as answered only, by type: Azure ignores them in a body."""
    return {name: _read_only(model(reference).models[0], "") for name, reference in _models().items()}


def _read_only(cls: Any, above: str) -> set[str]:
    if hasattr(cls, "_attribute_map"):
        rules = {name: rule for name, rule in cls._validation.items() if rule.get("readonly")}
        return {above + cls._attribute_map[name]["key"] for name in rules}
    cls.__new__(cls)
    found = set()
    for field in cls._attr_to_rest_field.values():
        if field._visibility == ["read"]:
            found.add(above + field._rest_name)
    for below in model_fields(cls).get("properties", Node()).models if not above else ():
        found |= _read_only(below, "properties.")
    return found


def model_fields(cls: type) -> dict[str, Node]:
    return Node([cls]).expand()


def _models() -> dict[str, str]:
    return {_type_of(kind.path): kind.model for kind in KINDS} | _MORE


def _type_of(path: str) -> str:
    if "/providers/" not in path:
        return "Microsoft.Resources/resourceGroups"
    namespace, *below = path.rpartition("/providers/")[2].split("/")
    return "/".join([namespace, *below[0::2]])


_DEEPEST = 2
"""How many resources may lie in one another: nobody asks what an interface says of the gateway of its subnet."""


def _tree(node: Node, inside: tuple[type, ...] = ()) -> Any:
    if node.free or any(each in inside for each in node.models) or _is_too_deep(node, inside):
        inner: Any = "any"  # of no model, or of one that holds itself
    else:
        inner = {name: _tree(child, (*inside, *node.models)) for name, child in sorted(node.expand().items())} or None
    if node.map:
        return {"*": inner}
    return [inner] if node.list else inner


def _is_too_deep(node: Node, inside: Sequence[type]) -> bool:
    return _is_resource(node.models) and sum(_is_resource([one]) for one in inside) >= _DEEPEST


def _is_resource(models: Sequence[type]) -> bool:
    return any({"id", "properties"} <= model_fields(one).keys() for one in models)


def _with(tree: Any, more: Any) -> Any:
    place = tree[0] if isinstance(tree, list) else tree
    for name, below in (more or {}).items():
        place[name] = _with(place.get(name) or {}, below) if below else place.get(name, "any")
    return tree


def text() -> str:
    return json.dumps(tables(), separators=(",", ":"), sort_keys=True).replace('},"Microsoft', '},\n"Microsoft') + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
