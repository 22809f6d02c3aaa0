"""Changes behind Pulumi's back are seen by a refresh and mended by the next `up --refresh`."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.e2e.stack.local_stack import LocalStack

pytestmark = pytest.mark.e2e

DRIFT = """
import json, sys
from tests.e2e.stack.hub_clients import configurations_of, registry_of
configurations, registry = configurations_of(sys.argv[1]), registry_of(sys.argv[1])
"""


def in_hub(stack: LocalStack, script: str) -> str:
    """Runs Microsoft's own service SDK against the stack's hub, as an operator with a notebook would."""
    return stack.run("python", "-c", DRIFT + script, stack.outputs()["hub"]["host"]).stdout


def refreshed(stack: LocalStack) -> str:
    return stack.pulumi("refresh", "--preview-only", "--diff").stdout


MODULE_LESS = """
layer = next(c for c in configurations.get_configurations(100) if 'anomaly' in c.id)
configurations.delete_configuration(layer.id, etag='*')
modules = layer.content.modules_content['$edgeAgent']
modules.pop('properties.desired.modules.sensor')
layer.etag = None
configurations.create_configuration(layer)
"""
GROUP_GONE = """
import os, sys
from azure.identity import DefaultAzureCredential
from azure.mgmt.containerinstance import ContainerInstanceManagementClient
client = ContainerInstanceManagementClient(DefaultAzureCredential(), os.environ["AZURE_SUBSCRIPTION_ID"])
groups = client.container_groups.list_by_resource_group(sys.argv[1])
group = next(group for group in groups if group.ip_address.fqdn == sys.argv[2])
client.container_groups.begin_delete(sys.argv[1], group.name).result()
"""
LAYERS = "[sorted(c.content.modules_content['$edgeAgent']) for c in configurations.get_configurations(100)]"


def test_a_changed_tag_a_module_removed_and_a_deleted_group_are_shown_and_mended(stack: LocalStack) -> None:
    scoring: dict[str, Any] = stack.outputs()["scoring"]["anomaly"]
    in_hub(stack, f"registry.update_twin('edge-01', {{'tags': {{'site': 'moved'}}}}, etag='*')\n{MODULE_LESS}")
    stack.run("python", "-c", GROUP_GONE, stack.outputs()["resourceGroup"], scoring["fqdn"])

    shown = refreshed(stack)

    assert "moved" in shown
    assert "sensor" in shown
    assert re.search(r"ContainerGroup: \(delete\)", shown), shown
    stack.up("--refresh")
    tags, layers = in_hub(stack, f"print(registry.get_twin('edge-01').tags['site'], {LAYERS})").split(maxsplit=1)
    assert tags == "lab"
    assert "properties.desired.modules.sensor" in layers
    assert stack.outputs()["scoring"]["anomaly"]["fqdn"] == scoring["fqdn"]
    assert stack.changes() == {}
