"""The names that a stack's resources get, from its file alone: Azure is not asked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cli.errors import Refused
from cli.stack.file import stack_config
from clone.root import ROOT
from cloud.naming import Names


def stack_names(stack: str, subscription: str, root: Path = ROOT) -> Names:
    import yaml

    config = stack_config(stack, root)
    project = yaml.safe_load((root / "Pulumi.yaml").read_text(encoding="utf-8"))["name"]
    return Names.derive(
        project=str(project),
        environment=str(config.get("environment", "")),
        stack=stack,
        subscription_id=subscription,
        existing_group=existing_group(config),
    )


def existing_group(config: Mapping[str, Any]) -> str | None:
    """The resource group that somebody else made; Refused where the file names one that is no text."""
    existing = config.get("existing")
    if existing is None:
        return None
    group = existing.get("resourceGroup") if isinstance(existing, Mapping) else None
    if not isinstance(group, str):
        raise Refused(f"edgeway:existing: {existing!r} is refused; allowed: a tree with resourceGroup: <name>")
    return group


def of_kinds(names: Names, config: Mapping[str, Any]) -> dict[str, str]:
    """By what each is called in Azure; one line an endpoint for those that a model has."""
    named = {
        "resource group": names.resource_group,
        "storage account": names.storage_account,
        "key vault": names.key_vault,
        "container registry": names.container_registry,
        "log analytics": names.log_analytics,
        "application insights": names.application_insights,
        "machine learning workspace": names.workspace,
        "iot hub": names.iot_hub,
        "identity of the workspace": names.identity("workspace"),
    }
    computes = [one for one in config.get("computes") or () if isinstance(one, Mapping) and "name" in one]
    for one in computes:
        name = str(one["name"])
        if one.get("kind") == "kubernetes":
            named["identity of Kubernetes"] = names.identity("kubernetes")
            named[f"Kubernetes cluster {name}"] = names.kubernetes_cluster(name)
            named[f"resource group of its machines, {name}"] = names.node_group(name)
            named[f"host of {name}"] = str(one.get("host") or names.kubernetes_host(name))
        else:
            named[f"identity of {name}"] = names.identity(name)
    for model in _served(config, "containerGroup"):
        named["identity of scoring"] = names.identity("scoring")
        named[f"container group of {model}"] = names.container_group(model)
        named[f"host of {model}"] = f"{names.dns_label(model)}.{config.get('location')}.azurecontainer.io"
    for model in _served(config, "online"):
        named["identity of online endpoints"] = names.identity("online")
        named[f"online endpoint of {model}"] = names.online_endpoint(model)
    for model in _served(config, "kubernetes"):
        named[f"Kubernetes endpoint of {model}"] = names.kubernetes_endpoint(model)
    return {**named, **_of_machines(names, config)}


def _of_machines(names: Names, config: Mapping[str, Any]) -> dict[str, str]:
    """Of devices that are virtual machines of the stack."""
    devices = [one for one in config.get("devices") or () if isinstance(one.get("host"), Mapping)]
    named = {"network of the machines": names.machine_network} if devices else {}
    for one in devices:
        device = str(one["id"])
        named[f"virtual machine of {device}"] = names.machine(device)
        named[f"identity of {device}"] = names.identity(device)
    return named


def _served(config: Mapping[str, Any], kind: str) -> list[str]:
    return [
        str(model["name"])
        for model in config.get("models") or ()
        if any(one.get("kind") == kind for one in model.get("endpoints") or ())
    ]
