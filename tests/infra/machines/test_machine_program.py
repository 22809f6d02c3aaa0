"""What the program makes of a device whose host is a virtual machine."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import yaml

from clone.root import ROOT
from dryrun import MACHINE_STACK, Plan, stack_config, stack_tree
from edge.machine.cloud_init import MOST_BYTES
from infra.components.access import Role
from tests.infra.plans import resource

Planned = Callable[[str, str], Plan]


@pytest.fixture
def plan(planned: Planned) -> Plan:
    return planned(MACHINE_STACK, "up")


def files(plan: Plan, device: str) -> dict[str, str]:
    """By path, as cloud-init would write them."""
    data = resource(plan, "VirtualMachine", device)["inputs"]["osProfile"]["customData"]
    text = base64.b64decode(data)
    assert len(text) < MOST_BYTES
    return {one["path"]: one["content"] for one in yaml.safe_load(text)["write_files"]}


def test_a_machine_may_read_its_own_devices_key_and_nothing_else(plan: Plan) -> None:
    principals = {"vm-01", "vm-02"}
    grants = {
        one["name"]: (one["inputs"]["scope"].rpartition("/vaults/")[2], one["inputs"]["roleDefinitionId"][-36:])
        for one in plan["resources"]
        if one["type"].endswith(":RoleAssignment") and one["name"].removesuffix("-machine-key") in principals
    }
    vault = "kv-edgeway-dev-0ae1b8"
    assert grants == {
        f"{device}-machine-key": (f"{vault}/secrets/device-{device}", Role.KEY_VAULT_SECRETS_USER)
        for device in principals
    }
    identity = resource(plan, "VirtualMachine", "vm-01")["inputs"]["identity"]
    assert identity["type"] == "UserAssigned"
    (only,) = identity["userAssignedIdentities"]
    assert only.endswith("/id-edgeway-vm-01-dev-0ae1b8")


def test_the_right_is_there_before_the_machine_and_the_key_before_the_right(plan: Plan) -> None:
    assert "mledge:azure:RoleReady vm-01-machine" in resource(plan, "VirtualMachine", "vm-01")["depends_on"]
    assignment = resource(plan, "RoleAssignment", "vm-01-machine-key")
    assert "mledge:iothub:DeviceIdentity vm-01" in assignment["depends_on"]
    device = resource(plan, "DeviceIdentity", "vm-01")
    assert device["inputs"]["keySecret"] == {"vault": "kv-edgeway-dev-0ae1b8", "name": "device-vm-01"}
    # deleted before the vault is purged, by whoever deploys, who is an officer of its secrets until then
    assert {"mledge:azure:Purge vault", "mledge:azure:RoleReady operators-deployer"} <= set(device["depends_on"])
    officer = resource(plan, "RoleAssignment", "operators-deployer-secrets")["inputs"]
    assert officer["roleDefinitionId"].endswith(Role.KEY_VAULT_SECRETS_OFFICER)


def test_user_data_holds_what_the_machine_needs_and_no_secret(plan: Plan) -> None:
    settings = json.loads(files(plan, "vm-01")["/etc/edgeway/machine.json"])

    assert settings["key"]["secret"].startswith("https://kv-edgeway-dev-0ae1b8.vault.azure.net/secrets/device-vm-01?")
    config = files(plan, "vm-01")["/etc/aziot/config.toml"]
    assert 'iothub_hostname = "iot-edgeway-dev-0ae1b8.azure-devices.net"' in config
    machine = resource(plan, "VirtualMachine", "vm-01")
    assert machine["secrets"] == [] and "canary" not in "".join(files(plan, "vm-01").values())
    assert "adminPassword" not in machine["inputs"]["osProfile"]


def test_a_gpu_comes_with_driver_toolkit_and_a_look_at_it(plan: Plan) -> None:
    with_gpu, without = (json.loads(files(plan, device)["/etc/edgeway/machine.json"]) for device in ("vm-02", "vm-01"))
    assert (with_gpu["gpu"], without["gpu"]) == (True, False)
    scripts = [
        resource(plan, "VirtualMachineRunCommandByVirtualMachine", device)["inputs"]["source"]["script"]
        for device in ("vm-02", "vm-01")
    ]
    assert ["nvidia-smi" in script for script in scripts] == [True, False]


def test_nobody_comes_in_and_each_way_out_is_said(plan: Plan) -> None:
    (rule,) = resource(plan, "NetworkSecurityGroup", "machines")["inputs"]["securityRules"]
    assert (rule["direction"], rule["access"], rule["priority"]) == ("Inbound", "Deny", 100)
    subnets = {one["name"]: one for one in resource(plan, "VirtualNetwork", "machines")["inputs"]["subnets"]}
    assert [one["defaultOutboundAccess"] for one in subnets.values()] == [False, False]
    assert all(one["networkSecurityGroup"]["id"].endswith("/nsg-edgeway-dev-0ae1b8") for one in subnets.values())
    assert ["natGateway" in subnets[name] for name in ("machines", "machines-nat")] == [False, True]

    def interface(device: str) -> dict[str, Any]:
        (only,) = resource(plan, "NetworkInterface", device)["inputs"]["ipConfigurations"]
        return dict(only)

    assert interface("vm-01")["subnet"]["id"].endswith("/subnets/machines") and "publicIPAddress" in interface("vm-01")
    assert interface("vm-02")["subnet"]["id"].endswith("/subnets/machines-nat")
    assert "publicIPAddress" not in interface("vm-02")


@pytest.mark.slow
def test_a_subnet_stays_when_the_last_machine_in_it_gets_out_otherwise(
    run: Callable[[str, str, Mapping[str, str]], Plan],
) -> None:
    """Its old interface is in there until the new machine runs."""
    config = stack_config(MACHINE_STACK)
    config["edgeway:devices"] = config["edgeway:devices"].replace('"outbound": "nat"', '"outbound": "publicIp"')
    plan = run(MACHINE_STACK, "up", config)
    subnets = resource(plan, "VirtualNetwork", "machines")["inputs"]["subnets"]
    assert sorted(one["name"] for one in subnets) == ["machines", "machines-nat"]
    assert not [one for one in subnets if "natGateway" in one]


def test_what_azure_changes_in_no_machine_replaces_it_and_its_size_does_not(plan: Plan) -> None:
    machine = resource(plan, "VirtualMachine", "vm-01")
    replaces = machine["options"]["replaceOnChanges"]

    assert machine["options"]["deleteBeforeReplace"] is True
    assert {"osProfile", "storageProfile", "networkProfile"} <= set(replaces)
    assert not [path for path in replaces if path.startswith("hardwareProfile")]
    disk = machine["inputs"]["storageProfile"]["osDisk"]
    assert (disk["deleteOption"], disk["createOption"]) == ("Delete", "FromImage")
    assert machine["inputs"]["storageProfile"]["imageReference"]["version"] != "latest"
    assert machine["inputs"]["diagnosticsProfile"] == {"bootDiagnostics": {"enabled": True}}, "no account, no key"


def test_the_gate_runs_again_in_a_machine_that_was_made_again(plan: Plan) -> None:
    gate = resource(plan, "VirtualMachineRunCommandByVirtualMachine", "vm-01")["inputs"]
    assert gate["treatFailureAsDeploymentFailure"] is True
    assert [one["name"] for one in gate["parameters"]] == ["VM"]


def test_another_runtime_replaces_no_machine(planned: Planned, plan: Plan) -> None:
    """The base deployment moves the agent; what a machine starts with is pinned with its daemon."""
    assert stack_tree(MACHINE_STACK)["edgeway:edgeRuntime"] not in "".join(files(plan, "vm-01").values())


def test_a_stack_without_such_a_device_has_nothing_of_it(planned: Planned) -> None:
    types = {one["type"] for one in planned("dev", "up")["resources"]}
    assert not [one for one in types if ":network:" in one or ":compute:" in one]
    assert not [one for one in types if "Machine" in one]


def test_a_stack_without_such_a_device_imports_nothing_of_it() -> None:
    ends = ("edge_machine", "edge.machine.files")
    asked = f"import sys, infra.program; print([one for one in sys.modules if one.endswith({ends})])"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_outputs_say_which_machine_a_device_is(plan: Plan) -> None:
    machine = plan["output_values"]["devices"]["vm-01"]["machine"]
    assert machine.pop("id").endswith("/virtualMachines/vm-edgeway-vm-01-dev-0ae1b8")
    assert machine == {"vault": "kv-edgeway-dev-0ae1b8", "secret": "device-vm-01"}


def test_a_device_with_a_machine_says_so_on_its_twin(plan: Plan) -> None:
    """By which the stand-in keeps it off until its machine's daemon has been let in."""
    tags = resource(plan, "DeviceIdentity", "vm-01")["inputs"]["tags"]
    assert tags == {"model": "anomaly", "environment": "dev", "edgewayHost": "vm"}
