"""azure-mgmt-compute, unmodified, with its own models, against a stand-in whose operations take polls."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import requests
from azure.core.exceptions import HttpResponseError
from azure.identity import DefaultAzureCredential

from standin.core.auth import SUBSCRIPTION_ID
from standin.core.profile import SLOW
from standin.machines import Ran
from tests.standin.compute.machines import KEY, fake_machines
from tests.standin.machines.fake_machines import FakeMachines
from tests.standin.network.bodies import PLACE, interface, network
from tests.standin.running import RunningStandin, running_standin
from tests.waiting import DEADLINE_S

pytestmark = pytest.mark.slow  # its models take seconds to import

GROUP = "rg"
WHERE = f"/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/{GROUP}"


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeMachines]:
    profile = replace(SLOW, operation_polls=1)
    state = tmp_path_factory.mktemp("standin")
    with (
        running_standin(state, profile=profile, services=("compute", "network")) as running,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in running.environment.items():
            patch.setenv(name, value)
        _lay(running)
        yield fake_machines(running.parts)


def _lay(running: RunningStandin) -> None:
    for path, body in (
        (WHERE, PLACE),
        (f"{WHERE}/providers/Microsoft.Network/virtualNetworks/net", network()),
        (f"{WHERE}/providers/Microsoft.Network/networkInterfaces/nic", interface()),
    ):
        while (answer := running.arm("PUT", path, body)).status_code == 429:
            continue
        answer.raise_for_status()


def test_a_machine_is_made_commanded_read_and_deleted(machines: FakeMachines) -> None:
    from azure.mgmt.compute import ComputeManagementClient

    with DefaultAzureCredential() as credential, ComputeManagementClient(credential, SUBSCRIPTION_ID) as client:
        vms: Any = client.virtual_machines
        poller = vms.begin_create_or_update(GROUP, "vm", _machine(), polling_interval=0)
        assert poller.status() == "InProgress"
        vm = poller.result()
        assert (vm.provisioning_state, vm.os_profile.custom_data) == ("Succeeded", None)
        assert machines.specs[vm.vm_id].user_data == b"#cloud-config\n"
        view = vms.get(GROUP, "vm", expand="instanceView").instance_view
        assert [one.code for one in view.statuses] == ["ProvisioningState/succeeded", "PowerState/running"]
        machines.answers["iotedge list"] = Ran(0, "edgeAgent running", "")
        asked = {"commandId": "RunShellScript", "script": ["iotedge list"]}
        headers: list[Any] = []
        heard = {"raw_response_hook": lambda answer: headers.append(answer.http_response.headers)}
        told = vms.begin_run_command(GROUP, "vm", asked, polling_interval=0, **heard).result()
        assert {"azure-asyncoperation", "location"} <= {name.lower() for name in headers[0]}
        assert told.value[0].message == "Enable succeeded: \n[stdout]\nedgeAgent running\n[stderr]\n"
        machines.serial[vm.vm_id] = b"login:"
        log = vms.retrieve_boot_diagnostics_data(GROUP, "vm", sas_uri_expiration_time_in_minutes=5)
        assert requests.get(log.serial_console_log_blob_uri, timeout=DEADLINE_S).content == b"login:"
        vms.begin_deallocate(GROUP, "vm", polling_interval=0).result()
        assert vms.instance_view(GROUP, "vm").statuses[-1].display_status == "VM deallocated"
        with pytest.raises(HttpResponseError) as refused:
            vms.begin_create_or_update(GROUP, "vm", _machine(b"#cloud-config\nhostname: x\n"), polling_interval=0)
        assert refused.value.error is not None
        assert (refused.value.error.code, refused.value.error.target) == ("PropertyChangeNotAllowed", "customData")
        vms.begin_delete(GROUP, "vm", polling_interval=0).result()
        assert machines.specs == {}
        assert [list(client.disks.list()), list(vms.list(GROUP))] == [[], []]


def test_a_command_that_fails_fails_its_operation_and_its_view_tells_why(machines: FakeMachines) -> None:
    from azure.mgmt.compute import ComputeManagementClient

    with DefaultAzureCredential() as credential, ComputeManagementClient(credential, SUBSCRIPTION_ID) as client:
        vms, commands = client.virtual_machines, client.virtual_machine_run_commands
        vms.begin_create_or_update(GROUP, "vm", _machine(), polling_interval=0).result()
        machines.answers["false"] = Ran(1, "", "edgeway: waiting, secret: 403")
        body: Any = {**PLACE, "properties": {"source": {"script": "false"}, "treatFailureAsDeploymentFailure": True}}
        with pytest.raises(HttpResponseError, match=r"VMExtensionProvisioningError.*secret: 403"):
            commands.begin_create_or_update(GROUP, "vm", "ready", body, polling_interval=0).result()
        found: Any = commands.get_by_virtual_machine(GROUP, "vm", "ready", expand="instanceView")
        assert (found.provisioning_state, found.instance_view.exit_code) == ("Failed", 1)
        vms.begin_delete(GROUP, "vm", polling_interval=0).result()


def test_a_region_tells_its_sizes_and_cores(machines: FakeMachines) -> None:
    from azure.mgmt.compute import ComputeManagementClient

    with DefaultAzureCredential() as credential, ComputeManagementClient(credential, SUBSCRIPTION_ID) as client:
        sizes = {one.name: one.family for one in client.resource_skus.list(filter="location eq 'westeurope'")}
        usages = {one.name.value: one.limit for one in client.usage.list("westeurope")}
    assert sizes["Standard_NC4as_T4_v3"] in usages
    assert (usages["cores"], usages[str(sizes["Standard_NC4as_T4_v3"])]) == (20, 0)


def _machine(user_data: bytes = b"#cloud-config\n") -> Any:
    from azure.mgmt.compute import models as typed

    models: Any = typed  # what is flattened its stubs do not know
    nic = f"{WHERE}/providers/Microsoft.Network/networkInterfaces/nic"
    key = models.SshPublicKey(path="/home/edgeway/.ssh/authorized_keys", key_data=KEY)
    linux = models.LinuxConfiguration(
        disable_password_authentication=True, ssh=models.SshConfiguration(public_keys=[key])
    )
    disk = models.OSDisk(create_option="FromImage", delete_option="Delete")
    image = models.ImageReference(publisher="Canonical", offer="ubuntu-24_04-lts", sku="server", version="latest")
    return models.VirtualMachine(
        location="westeurope",
        hardware_profile=models.HardwareProfile(vm_size="Standard_B2s_v2"),
        storage_profile=models.StorageProfile(image_reference=image, os_disk=disk),
        os_profile=models.OSProfile(
            computer_name="edge-01",
            admin_username="edgeway",
            custom_data=base64.b64encode(user_data).decode(),
            linux_configuration=linux,
        ),
        network_profile=models.NetworkProfile(network_interfaces=[models.NetworkInterfaceReference(id=nic)]),
        diagnostics_profile=models.DiagnosticsProfile(boot_diagnostics=models.BootDiagnostics(enabled=True)),
    )
