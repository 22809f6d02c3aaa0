"""Virtual machines: what they answer, what becomes of their body, and how they are started, stopped and deleted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from standin.core.arm.paths import merge
from tests.standin.asking import GROUP, Answering, of_arm
from tests.standin.compute.machines import COMPUTE, KEY, NIC, USER_DATA, VM, acted, fake_machines, machine
from tests.standin.machines.fake_machines import FakeMachines
from tests.standin.network.bodies import asked, deleted, interface, made, path, refused, settled

IDENTITY = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/edge"


async def test_a_machine_is_what_its_body_says_and_its_user_data_is_never_answered(
    answering: Answering, machines: FakeMachines
) -> None:
    await made(answering, IDENTITY, {"location": "westeurope"})
    identity = {"type": "UserAssigned", "userAssignedIdentities": {IDENTITY: {}}}
    answer = await made(answering, VM, {**machine(), "identity": identity})
    spec = machines.specs[answer["properties"]["vmId"]]
    assert (spec.hostname, spec.user_data, spec.admin, spec.ssh_keys) == ("edge-01", USER_DATA, "edgeway", (KEY,))
    assert (spec.identities, spec.gpus, spec.resource_id) == ((IDENTITY,), 0, VM)
    assert "customData" not in json.dumps(answer)
    storage = answer["properties"]["storageProfile"]
    assert storage["imageReference"]["exactVersion"].startswith("24.04.")
    assert storage["osDisk"]["managedDisk"]["id"] == f"{COMPUTE}/disks/{storage['osDisk']['name']}"
    assert answer["identity"]["userAssignedIdentities"][IDENTITY]["principalId"]
    nic = (await asked(answering, "GET", NIC))[1]
    assert nic["properties"]["virtualMachine"] == {"id": VM}
    await made(answering, VM, {**machine(), "identity": {"type": "None"}})
    assert machines.specs[spec.vm_id].identities == ()
    await deleted(answering, VM)
    assert machines.specs == {}
    assert (await asked(answering, "GET", NIC))[1]["properties"].get("virtualMachine") is None


async def test_a_deallocated_machine_is_changed_without_being_made_or_started(
    running: Answering, machines: FakeMachines
) -> None:
    (vm_id,) = machines.specs
    await acted(running, "deallocate")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(machines, "create", None)
        await made(running, VM, {**machine(hardwareProfile={"vmSize": "Standard_D2s_v5"}), "tags": {"a": "b"}})
    assert (machines.states[vm_id], machines.boots[vm_id]) == ("stopped", 1)


async def test_what_was_read_can_be_sent_back_and_makes_nothing_anew(
    running: Answering, machines: FakeMachines
) -> None:
    before = (await asked(running, "GET", VM))[1]
    after = await made(running, VM, {**before, "tags": {"a": "b"}})
    assert after["properties"]["vmId"] == before["properties"]["vmId"]
    assert machines.boots[after["properties"]["vmId"]] == 1
    assert machines.specs[after["properties"]["vmId"]].user_data == USER_DATA
    without = {name: value for name, value in before["properties"].items() if name != "diagnosticsProfile"}
    del without["storageProfile"]["imageReference"], without["osProfile"]["linuxConfiguration"]  # as `az vm resize`
    await made(running, VM, {"location": "westeurope", "properties": without})
    resized = await made(running, VM, machine(hardwareProfile={"vmSize": "Standard_D2s_v5"}))
    assert (resized["properties"]["vmId"], machines.boots[resized["properties"]["vmId"]]) == (
        before["properties"]["vmId"],
        2,
    )


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"osProfile": {"customData": "aGFsbG8="}}, "customData"),
        ({"osProfile": {"computerName": "other"}}, "computerName"),
        ({"storageProfile": {"imageReference": {"sku": "server-gen1"}}}, "imageReference"),
        ({"securityProfile": {"securityType": "Standard"}}, "securityProfile.securityType"),
        (
            {"osProfile": {"linuxConfiguration": {"ssh": {"publicKeys": [
                {"path": "/home/edgeway/.ssh/authorized_keys", "keyData": "ssh-rsa AAAA"}]}}}},
            "linuxConfiguration.ssh.publicKeys",
        ),
    ],
)  # fmt: skip
async def test_what_is_set_at_creation_stays(running: Answering, more: dict[str, Any], name: str) -> None:
    status, answer = await asked(running, "PUT", VM, machine(**more))
    assert (status, answer["error"]["code"], answer["error"]["target"]) == (409, "PropertyChangeNotAllowed", name)
    assert answer["error"]["message"] == f"Changing property '{name}' is not allowed."


async def test_zones_stay_and_another_interface_is_not_taken(running: Answering) -> None:
    await deleted(running, VM)
    await made(running, VM, {**machine(), "zones": ["1"]})
    assert (await refused(running, "PUT", VM, {**machine(), "zones": ["2"]}))[1] == (
        "Changing property 'zones' is not allowed."
    )
    other = path("networkInterfaces", "other")
    await made(running, other, interface())
    told = await refused(running, "PUT", VM, machine(networkProfile={"networkInterfaces": [{"id": other}]}))
    assert told[0] == "NotSupportedByStandIn"
    await deleted(running, other)


@pytest.mark.parametrize(
    ("more", "status", "code", "words"),
    [
        ({"hardwareProfile": {"vmSize": "Standard_A0"}}, 400, "InvalidParameter",
         "The value Standard_A0 provided for the VM size is not valid. The valid sizes in the current region are: "),
        ({"hardwareProfile": {"vmSize": "Standard_NC4as_T4_v3"}}, 409, "OperationNotAllowed",
         "exceeding approved Standard NCASv3_T4 Family Cores quota. Additional details - Deployment Model: Resource "
         "Manager, Location: westeurope, Current Limit: 0, Current Usage: 0, Additional Required: 4, (Minimum) New "
         "Limit Required: 4."),
        ({"storageProfile": {"imageReference": {"sku": "none"}}}, 404, "PlatformImageNotFound",
         "The platform image 'Canonical:ubuntu-24_04-lts:none:latest' is not available."),
        ({"storageProfile": {"imageReference": {"sku": "server-gen1"}}}, 400, "BadRequest",
         "Use of TrustedLaunch setting is not supported for the provided image."),
        ({"storageProfile": {"osDisk": {"diskSizeGB": 10}}}, 400, "InvalidParameter", "disk size 10 GB is smaller"),
        ({"storageProfile": {"osDisk": {"vhd": {"uri": "x"}}}}, 400, "NotSupportedByStandIn", "osDisk.vhd"),
        ({"osProfile": {"customData": "no base64"}}, 400, "InvalidParameter", "Custom data in OSProfile must be in"),
        ({"osProfile": {"customData": "A" * 87384}}, 400, "InvalidParameter", "a maximum length of 87380 characters."),
        ({"osProfile": {"adminUsername": "root"}}, 400, "InvalidParameter", "The Admin Username specified is not"),
        ({"osProfile": {"adminUsername": "other"}}, 400, "InvalidParameter", "/home/other/.ssh/authorized_keys due to"),
        ({"osProfile": {"adminPassword": "secret"}}, 400, "NotSupportedByStandIn", "adminPassword"),
        ({"osProfile": {"computerName": "no_name"}}, 400, "InvalidParameter", "Linux host name is 'no_name'"),
        ({"networkProfile": {"networkInterfaces": []}}, 400, "InvalidParameter", "at least one network interface"),
        ({"networkProfile": {"networkInterfaces": [{"id": f"{NIC}x"}]}}, 400, "InvalidResourceReference",
         f"Resource {NIC}x referenced by resource {VM} was not found."),
        ({"priority": "Spot"}, 400, "NotSupportedByStandIn", "properties.priority is 'Spot'"),
    ],
)  # fmt: skip
async def test_what_azure_refuses_at_creation_is_refused(
    answering: Answering, machines: FakeMachines, more: dict[str, Any], status: int, code: str, words: str
) -> None:
    told, answer = await asked(answering, "PUT", VM, machine(**more))
    assert (told, answer["error"]["code"]) == (status, code)
    assert words in answer["error"]["message"]
    assert machines.specs == {}


async def test_an_interface_is_of_one_machine_and_stays_while_it_is(running: Answering) -> None:
    told = await refused(running, "PUT", f"{VM}2", machine())
    assert told[0] == "NicInUse"
    assert f"{NIC} is used by existing resource {VM}. In order to delete" in told[1]
    assert (await refused(running, "DELETE", NIC))[0] == "NicInUse"


async def test_all_machines_and_clusters_share_the_cores_of_a_region(running: Answering) -> None:
    usages = of_arm("GET", f"{COMPUTE.partition('/resourceGroups/')[0]}/providers/Microsoft.Compute/locations"
                           "/westeurope/usages")  # fmt: skip
    told = {one["name"]["value"]: one["currentValue"] for one in json.loads(await running.text(usages))["value"]}
    assert (told["cores"], told["standardBsv2Family"]) == (2, 2)
    nics = [path("networkInterfaces", f"nic{index}") for index in range(3)]
    for index, nic in enumerate(nics):
        await made(running, nic, interface())
        body = machine(
            hardwareProfile={"vmSize": "Standard_D8s_v5"}, networkProfile={"networkInterfaces": [{"id": nic}]}
        )
        if index < 2:
            await made(running, f"{VM}{index}", body)
            continue
        words = "Current Limit: 20, Current Usage: 18, Additional Required: 8, (Minimum) New Limit Required: 26."
        assert words in (await refused(running, "PUT", f"{VM}{index}", body))[1]
    await deleted(running, f"{VM}0", f"{VM}1", *nics)


async def test_a_region_tells_sizes_as_doctor_asks_for_them(answering: Answering) -> None:
    asked_of = of_arm("GET", f"{COMPUTE.partition('/resourceGroups/')[0]}/providers/Microsoft.Compute/skus")
    listed = json.loads(await answering.text(asked_of, query={"$filter": "location eq 'westeurope'"}))["value"]
    sizes = {one["name"]: one for one in listed}
    capabilities = {one["name"]: one["value"] for one in sizes["Standard_B2s_v2"]["capabilities"]}
    assert (capabilities["vCPUs"], sizes["Standard_B2s_v2"]["family"]) == ("2", "standardBsv2Family")
    gpu = {one["name"]: one["value"] for one in sizes["Standard_NC4as_T4_v3"]["capabilities"]}
    assert (gpu["GPUs"], sizes["Standard_NC4as_T4_v3"]["restrictions"]) == ("1", [])
    assert json.loads(await answering.text(asked_of, query={"$filter": "location eq 'nowhere'"}))["value"] == []
    assert (await answering.send(asked_of, query={"$filter": "name eq 'x'"}))[1] == "InvalidFilterInQueryString"


async def test_power_is_told_in_azures_words(running: Answering, machines: FakeMachines) -> None:
    (vm_id,) = machines.specs

    async def power() -> str:
        view = (await asked(running, "GET", f"{VM}/instanceView"))[1]
        return str(view["statuses"][-1]["code"])

    told = [await power()]
    for action in ("powerOff", "start", "deallocate", "start", "restart"):
        await acted(running, action)
        told.append(await power())
    assert [one.removeprefix("PowerState/") for one in told] == [
        "running", "stopped", "running", "deallocated", "running", "running"
    ]  # fmt: skip
    assert machines.boots[vm_id] == 4
    machines.states[vm_id] = "stopped"  # as a guest that shuts down
    assert await power() == "PowerState/stopped"
    assert (await refused(running, "POST", f"{VM}/restart"))[1] == (
        "The operation requires the VM to be running (or set to run)."
    )
    _, expanded = await asked_expanded(running)
    assert expanded["properties"]["instanceView"]["vmAgent"]["statuses"][0]["displayStatus"] == "Not Ready"


async def asked_expanded(answering: Answering) -> tuple[int, dict[str, Any]]:
    status, text, _ = await answering.answered(of_arm("GET", VM), query={"$expand": "instanceView"})
    return status, json.loads(text)


@pytest.mark.parametrize(("option", "left"), [("Delete", 404), ("Detach", 200)])
async def test_a_disk_stays_with_its_machine_and_goes_or_stays_as_its_option_says(
    answering: Answering, machines: FakeMachines, option: str, left: int
) -> None:
    answer = await made(answering, VM, machine(storageProfile={"osDisk": {"deleteOption": option, "diskSizeGB": 64}}))
    disk = answer["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"]
    told = (await asked(answering, "GET", disk))[1]
    assert (told["managedBy"], told["properties"]["diskSizeGB"], told["sku"]["name"]) == (VM, 64, "StandardSSD_LRS")
    assert (await refused(answering, "DELETE", disk))[1] == f"Disk {disk.rpartition('/')[2]} is attached to VM {VM}."
    await deleted(answering, VM)
    assert (await asked(answering, "GET", disk))[0] == left
    await deleted(answering, disk)


async def test_a_machine_that_cannot_be_is_failed_with_the_reason_and_is_tried_again(
    answering: Answering, machines: FakeMachines
) -> None:
    fake_machines(answering.parts, refusal="no systemd boots in a container here")
    status, text, headers = await answering.answered(of_arm("PUT", VM), body=machine())
    assert (status, json.loads(text)["properties"]["provisioningState"]) == (201, "Creating")
    state = (await settled(answering, VM))["properties"]["provisioningState"]
    operation = headers["azure-asyncoperation"].removeprefix("https://management.azure.com").partition("?")[0]
    told = json.loads(await answering.text(of_arm("GET", operation)))
    assert (state, told["status"]) == ("Failed", "Failed")
    assert told["error"]["message"] == "no systemd boots in a container here"
    again = fake_machines(answering.parts)
    answer = await made(answering, VM, merge(machine(), {"tags": {}}))
    assert list(again.specs) == [answer["properties"]["vmId"]]
    await deleted(answering, VM)
    machines.specs = again.specs
