"""The rules themselves: each thing that they are to refuse is refused, and nothing else is."""

from __future__ import annotations

import re
from typing import Any

import pytest

from policies.checks import values_at
from policies.pack import RULES, violations
from policies.rule import unversioned

GROUP = "azure-native:resources:ResourceGroup"
VAULT = "azure-native:keyvault/v20260201:Vault"
REGISTRY = "azure-native:containerregistry/v20251101:Registry"
SCOPE_MAP = "azure-native:containerregistry/v20251101:ScopeMap"
CONTAINERS = "azure-native:containerinstance/v20250901:ContainerGroup"
STORAGE = "azure-native:storage:StorageAccount"
COMPUTE = "azure-native:machinelearningservices:Compute"
HUB = "azure-native:iothub:IotHubResource"
ASSIGNMENT = "azure-native:authorization:RoleAssignment"
MACHINE = "azure-native:compute:VirtualMachine"
NETWORK = "azure-native:network:VirtualNetwork"
SECURITY_GROUP = "azure-native:network:NetworkSecurityGroup"
UNKNOWN = "<unknown>"


@pytest.mark.parametrize(
    ("type_token", "inputs", "rule", "message"),
    [
        (GROUP, {"resourceGroupName": "rg edgeway"}, "resource-names", "resourceGroupName 'rg edgeway' does not match"),
        (VAULT, {"vaultName": "kv-edgeway--a1b2c3"}, "resource-names", "vaultName 'kv-edgeway--a1b2c3'"),
        (HUB, {"resourceName": "iot-edgeway-"}, "resource-names", "resourceName 'iot-edgeway-'"),
        (COMPUTE, {"computeName": "cpu-2"}, "resource-names", "computeName 'cpu-2' does not match"),
        (ASSIGNMENT, {"principalId": "someone"}, "well-formed-references", "principalId 'someone' does not match"),
        (
            CONTAINERS,
            {"containers": [{"image": f"r.io/a@sha256:{'0' * 64}"}, {"image": "r.io/b:latest"}]},
            "content-by-digest",
            "containers[*].image 'r.io/b:latest'",
        ),
        (REGISTRY, {"adminUserEnabled": True}, "no-shared-secrets", "adminUserEnabled True is not one of (False,)"),
        (
            SCOPE_MAP,
            {"actions": ["repositories/a/content/write"]},
            "least-rights",
            "actions[*] 'repositories/a/content",
        ),
        (STORAGE, {"minimumTlsVersion": "TLS1_0"}, "tls-1.2", "minimumTlsVersion 'TLS1_0' is not one of"),
        (MACHINE, {"vmName": "vm_01"}, "resource-names", "vmName 'vm_01' does not match"),
        (MACHINE, {"osProfile": {"adminPassword": "p"}}, "closed-machines", "osProfile.adminPassword 'p'"),
        (MACHINE, {"securityProfile": {"securityType": "Standard"}}, "closed-machines", "securityProfile.securityType"),
        (
            SECURITY_GROUP,
            {"securityRules": [{"access": "Allow"}]},
            "closed-machines",
            "securityRules[*].access 'Allow'",
        ),
        (
            NETWORK,
            {"subnets": [{"defaultOutboundAccess": True}]},
            "closed-machines",
            "subnets[*].defaultOutboundAccess",
        ),
        (HUB, {"sku": {"name": "NOT-A-SKU"}}, "supported-values", "sku.name 'NOT-A-SKU'"),
        (VAULT, {"properties": {"softDeleteRetentionInDays": 90}}, "short-retention", "properties.softDeleteRetention"),
    ],
)
def test_what_a_rule_is_against_is_told_with_path_and_value(
    type_token: str, inputs: dict[str, Any], rule: str, message: str
) -> None:
    (violation,) = violations(type_token, inputs)

    assert violation.rule.name == rule
    assert violation.message.startswith(message)


def test_good_inputs_break_no_rule() -> None:
    assert violations(GROUP, {"resourceGroupName": "rg-edgeway-dev-a1b2c3"}) == []
    assert (
        violations(HUB, {"resourceName": "iot-a1", "sku": {"name": "S1"}, "properties": {"minTlsVersion": "1.2"}}) == []
    )


def test_a_type_that_no_rule_is_about_breaks_none() -> None:
    assert violations("azure-native:network:VirtualNetwork", {"name": "anything at all"}) == []


def test_a_value_that_is_not_known_yet_breaks_no_form() -> None:
    inputs = {"resourceGroupName": UNKNOWN}

    assert violations(GROUP, inputs, is_unknown=lambda value: value == UNKNOWN) == []
    assert len(violations(GROUP, inputs)) == 1


def test_every_rule_can_stand_in_a_policy_pack() -> None:
    names = [rule.name for rule in RULES]

    assert len(set(names)) == len(names)
    for rule in RULES:
        # what Pulumi takes as the name of a policy
        assert re.fullmatch(r"[a-z0-9][a-z0-9.-]*", rule.name) and rule.name != "all"
        assert rule.description.endswith((".", "rules"))


def test_a_path_reaches_into_mappings_and_every_item_of_lists() -> None:
    inputs = {"a": [{"b": {"c": 1}}, {"b": {"c": 2}}, {}], "d": 3}

    assert values_at(inputs, "a[*].b.c") == [1, 2]
    assert values_at(inputs, "d") == [3]
    assert values_at(inputs, "d.e") == values_at(inputs, "d[*]") == values_at(inputs, "x.y") == []


@pytest.mark.parametrize(
    ("type_token", "expected"),
    [(VAULT, "azure-native:keyvault:Vault"), (GROUP, GROUP), ("mledge:ml:TrainingRun", "mledge:ml:TrainingRun")],
)
def test_rules_hold_for_every_version_of_a_type(type_token: str, expected: str) -> None:
    assert unversioned(type_token) == expected
