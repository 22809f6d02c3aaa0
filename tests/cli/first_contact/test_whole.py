"""The command as its user runs it, against the stand-in: every step, what is written, and what a Ctrl-C leaves."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.__main__ import main
from cli.first_contact.contact import Contact
from cli.first_contact.steps import STEPS
from cli.first_contact.steps.hub_rest import HubRest
from clone.root import ROOT
from standin.core.auth import DEPLOYER_CLIENT_ID, DEPLOYER_OBJECT_ID, SUBSCRIPTION_ID, TENANT_ID
from tests.cli.first_contact.conftest import alive
from tests.standin.running import RunningStandin

Run = Callable[..., int]


@pytest.fixture
def run(scratch: Contact, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("cli.commands.first_contact.enter", lambda stack: None)
    monkeypatch.setattr(Contact, "of_stack", lambda stack, **given: scratch)
    return lambda *options: main(["first-contact", "--stack", "dev", *options])


def commands_of_the_page() -> list[list[str]]:
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "docs" / "first-contact.md").read_text(), re.DOTALL)
    return [line.split()[1:] for block in blocks for line in block.splitlines() if line.startswith("edgeway ")]


@pytest.mark.slow
def test_the_commands_of_the_page_run_as_they_stand_but_for_what_makes_something(run: Run) -> None:
    commands = [one for one in commands_of_the_page() if "--scratch" not in one]

    assert [" ".join(one) for one in commands] == [
        "first-contact --stack dev --list",
        "first-contact --stack dev",
        "first-contact --report",
    ]
    assert [main(one) for one in commands] == [0, 0, 0]


@pytest.mark.docker
@pytest.mark.long
def test_every_step_is_as_expected_and_what_is_written_has_no_secret(
    run: Run, azure: RunningStandin, capsys: pytest.CaptureFixture[str]
) -> None:
    (command,) = [one for one in commands_of_the_page() if "--scratch" in one]
    assert main(command) == 0

    out = capsys.readouterr().out
    told = Path("first-contact.json").read_text()
    steps = json.loads(told)["steps"]
    assert [step["step"] for step in steps] == [step.number for step in STEPS]
    assert all(step["seconds"] < 240 for step in steps)
    with capsys.disabled():
        print("\n" + "\n".join(f"step {one['step']:>2} {one['name']:<18} {one['seconds']:6.1f} s" for one in steps))
    for text in (out, told):
        # ids of the tenant, and any other; tokens; keys of 32 bytes and more; addresses with what is signed
        assert not any(id in text for id in (SUBSCRIPTION_ID, TENANT_ID, DEPLOYER_OBJECT_ID, DEPLOYER_CLIENT_ID))
        assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-|eyJ|[A-Za-z0-9/+]{43}=|\?[a-z-]+=", text)
    assert [one for one in alive(azure) if "first" in one] == []


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:datetime.datetime.utcfromtimestamp:DeprecationWarning")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_the_midst_of_a_step_leaves_nothing(
    run: Run, azure: RunningStandin, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    def interrupted(rest: HubRest, method: str, path: str) -> tuple[int, str]:
        assert [one for one in alive(azure) if "/IotHubs/" in one] != []
        signal.raise_signal(number)
        return 0, ""

    monkeypatch.setattr(HubRest, "asked", interrupted)

    assert run("--scratch", "--steps", "6-7") == 130

    assert [one for one in alive(azure) if "first" in one] == []
    written = json.loads(Path("first-contact.json").read_text())
    assert [step["step"] for step in written["steps"]] == [6, 7]
    assert written["left"] == []


@pytest.mark.slow
def test_what_cannot_be_purged_is_told_with_what_to_do(
    run: Run, azure: RunningStandin, capsys: pytest.CaptureFixture[str]
) -> None:
    from standin.core.faults import Fault

    group = Fault(host="management.azure.com", path="resourcegroups/rg-edgeway-first", method="DELETE", status=409)
    group.count, group.after = 1, 2  # the assignments' own deletes come before

    azure.do(lambda base: base.faults.planned.append(group))

    assert run("--scratch", "--steps", "6") == 2

    out = capsys.readouterr().out
    assert "left behind: the group: " in out
    assert "`az group delete -n rg-edgeway-first-" in out
