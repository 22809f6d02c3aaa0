"""Commands in a machine, in both forms, and the log of its serial console."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from standin.machines import Ran
from tests.standin.asking import Answering, Asked, of_arm
from tests.standin.compute.machines import VM, acted, command, machine
from tests.standin.machines.fake_machines import FakeMachines
from tests.standin.network.bodies import asked, made, refused, settled

READY = f"{VM}/runCommands/ready"


def posted(*script: str, **more: Any) -> dict[str, Any]:
    return {"commandId": "RunShellScript", "script": list(script), **more}


async def test_a_posted_command_succeeds_whatever_its_exit_code_and_the_last_4_kib_come_back(
    running: Answering, machines: FakeMachines
) -> None:
    machines.answers["echo $unit\nexit 3"] = Ran(3, "x" * 5000 + "END", "no")
    body = posted("echo $unit", "exit 3", parameters=[{"name": "unit", "value": "aziot-edged"}])
    (told,) = (await acted(running, "runCommand", body))["value"]
    assert (told["code"], told["level"]) == ("ProvisioningState/succeeded", "Info")
    out, _, error = told["message"].removeprefix("Enable succeeded: \n[stdout]\n").partition("\n[stderr]\n")
    assert (len(out), out[-4:], error) == (4096, "xEND", "no")
    (vm_id,) = machines.specs
    assert machines.ran[-1] == (vm_id, "echo $unit\nexit 3", {"unit": "aziot-edged"}, 5400)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (posted(), "script is []"),
        ({"commandId": "RunPowerShellScript", "script": ["x"]}, "commandId is 'RunPowerShellScript'"),
        (posted("x", parameters=[{"name": "a b", "value": "c"}]), "a parameter is 'a b'"),
    ],
)
async def test_a_command_that_azure_would_not_run_is_refused(
    running: Answering, machines: FakeMachines, body: dict[str, Any], words: str
) -> None:
    before = len(machines.ran)
    assert words in (await refused(running, "POST", f"{VM}/runCommand", body))[1]
    assert len(machines.ran) == before


async def test_one_command_runs_at_a_time_and_none_in_a_machine_that_does_not_run(
    running: Answering, machines: FakeMachines
) -> None:
    inner: list[tuple[str, str]] = []
    run: Any = machines.run

    async def again(*arguments: Any) -> Ran:
        inner.append(await refused(running, "POST", f"{VM}/runCommand", posted("two")))
        ran: Ran = await run(*arguments)
        return ran

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(machines, "run", again)
        await acted(running, "runCommand", posted("one"))
    assert inner[0][0] == "Conflict"
    assert inner[0][1].startswith("Run command extension execution is in progress.")
    await acted(running, "deallocate")
    told = await refused(running, "POST", f"{VM}/runCommand", posted("three"))
    assert told == ("OperationNotAllowed", "The operation requires the VM to be running (or set to run).")
    told = await refused(running, "PUT", READY, command())
    assert told == ("OperationNotAllowed", "Cannot modify extensions in the VM when the VM is not running.")


async def test_a_posted_command_does_not_wait_for_one_that_is_a_resource(
    running: Answering, machines: FakeMachines
) -> None:
    inner: list[int] = []
    run: Any = machines.run

    async def beside(*arguments: Any) -> Ran:
        if arguments[1] == "long":
            inner.append((await asked(running, "POST", f"{VM}/runCommand", posted("short")))[0])
        ran: Ran = await run(*arguments)
        return ran

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(machines, "run", beside)
        await made(running, READY, command("long"))
    assert inner == [202]


async def test_a_command_that_is_a_resource_tells_how_it_ended_and_runs_again_when_it_says_something_else(
    running: Answering, machines: FakeMachines
) -> None:
    machines.answers["systemctl is-active x"] = Ran(3, "inactive\n", "")
    secret = [{"name": "KEY", "value": "s3cret"}]
    body = command("systemctl is-active x", protectedParameters=secret, timeoutInSeconds=60)
    answer = await made(running, READY, body)
    assert answer["properties"]["provisioningState"] == "Succeeded"  # it was run: how it ended its view says
    assert "s3cret" not in json.dumps(answer)
    view = json.loads(await running.text(of_arm("GET", READY), query={"$expand": "instanceView"}))["properties"]
    told = view["instanceView"]
    assert (told["executionState"], told["exitCode"], told["output"]) == ("Failed", 3, "inactive\n")
    assert (machines.ran[-1][2], machines.ran[-1][3]) == ({"KEY": "s3cret"}, 60)
    count = len(machines.ran)
    await made(running, READY, {**body, "tags": {"a": "b"}})
    assert len(machines.ran) == count
    await made(running, READY, command("systemctl is-active y"))
    assert len(machines.ran) == count + 1


async def test_a_failure_fails_the_command_where_it_says_so_and_the_next_put_tries_again(
    running: Answering, machines: FakeMachines
) -> None:
    script = "until systemctl is-active -q aziot-edged; do sleep 1; done"
    machines.answers[script] = Ran(124, "", "edgeway: waiting, secret: 403")
    body = command(script, treatFailureAsDeploymentFailure=True, timeoutInSeconds=30)
    status, text, headers = await running.answered(of_arm("PUT", READY), body=body)
    assert status == 201, text
    assert (await settled(running, READY))["properties"]["provisioningState"] == "Failed"
    operation = headers["azure-asyncoperation"].removeprefix("https://management.azure.com").partition("?")[0]
    error = json.loads(await running.text(of_arm("GET", operation)))["error"]
    assert error["code"] == "VMExtensionProvisioningError"
    assert "the time was over. edgeway: waiting, secret: 403'" in error["message"]
    del machines.answers[script]
    assert (await made(running, READY, body))["properties"]["provisioningState"] == "Succeeded"


async def test_the_serial_log_is_behind_an_address_that_ends(running: Answering, machines: FakeMachines) -> None:
    (vm_id,) = machines.specs
    machines.serial[vm_id] = b"edgeway: ok, key 0a1b2c3d\n"
    where = of_arm("POST", f"{VM}/retrieveBootDiagnosticsData")
    told = json.loads(await running.text(where, query={"sasUriExpirationTimeInMinutes": "5"}))
    url = urlsplit(told["serialConsoleLogBlobUri"])
    assert url.hostname is not None
    assert url.hostname.endswith(".blob.storage.azure.net")
    log = Asked(method="GET", host=url.hostname, path=url.path, audience="none", query=dict(parse_qsl(url.query)))
    assert await running.text(log) == "edgeway: ok, key 0a1b2c3d\n"
    assert (await running.send(log, query={"se": "2099-01-01T00:00:00Z"})) == (403, "AuthenticationFailed")
    screen = urlsplit(told["consoleScreenshotBlobUri"])
    picture = replace(log, path=screen.path, query=dict(parse_qsl(screen.query)))
    assert (await running.send(picture)) == (404, "BlobNotFound")
    running.base.clock.advance(301)
    assert (await running.send(log)) == (403, "AuthenticationFailed")
    assert (await running.send(where, query={"sasUriExpirationTimeInMinutes": "1441"}))[1] == "InvalidParameter"


async def test_a_machine_without_boot_diagnostics_has_no_serial_log(running: Answering) -> None:
    await made(running, VM, machine(diagnosticsProfile={"bootDiagnostics": {"enabled": False}}))
    told = await refused(running, "POST", f"{VM}/retrieveBootDiagnosticsData")
    assert told == ("OperationNotAllowed", f"Boot diagnostics is not enabled on the virtual machine {VM}.")
