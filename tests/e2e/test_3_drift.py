"""Changes behind Pulumi's back are seen by a refresh and mended by the next `up --refresh`."""

from __future__ import annotations

import json
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


def test_a_changed_tag_is_shown_and_mended(stack: LocalStack) -> None:
    in_hub(stack, "registry.update_twin('edge-01', {'tags': {'site': 'moved'}}, etag='*')")
    assert "moved" in refreshed(stack)
    stack.up("--refresh")
    assert json.loads(in_hub(stack, "print(json.dumps(registry.get_twin('edge-01').tags))"))["site"] == "lab"


def test_a_deployment_with_a_module_removed_is_shown_and_mended(stack: LocalStack) -> None:
    script = """
layer = next(c for c in configurations.get_configurations(100) if 'anomaly' in c.id)
configurations.delete_configuration(layer.id, etag='*')
modules = layer.content.modules_content['$edgeAgent']
modules.pop('properties.desired.modules.sensor')
layer.etag = None
configurations.create_configuration(layer)
"""
    in_hub(stack, script)
    assert "sensor" in refreshed(stack)
    stack.up("--refresh")
    layers = in_hub(
        stack,
        "print([sorted(c.content.modules_content['$edgeAgent']) for c in configurations.get_configurations(100)])",
    )
    assert "properties.desired.modules.sensor" in layers


def test_a_deleted_container_group_is_shown_and_made_again(stack: LocalStack) -> None:
    scoring: dict[str, Any] = stack.outputs()["scoring"]["anomaly"]
    script = """
import sys
from azure.identity import DefaultAzureCredential
from azure.mgmt.containerinstance import ContainerInstanceManagementClient
import os
client = ContainerInstanceManagementClient(DefaultAzureCredential(), os.environ["AZURE_SUBSCRIPTION_ID"])
groups = client.container_groups.list_by_resource_group(sys.argv[1])
group = next(group for group in groups if group.ip_address.fqdn == sys.argv[2])
client.container_groups.begin_delete(sys.argv[1], group.name).result()
"""
    stack.run("python", "-c", script, stack.outputs()["resourceGroup"], scoring["fqdn"])
    assert "delete" in refreshed(stack)
    stack.up("--refresh")
    assert stack.outputs()["scoring"]["anomaly"]["fqdn"] == scoring["fqdn"]
    assert stack.changes() == {}
