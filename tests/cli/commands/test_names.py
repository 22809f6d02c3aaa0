"""The names are those that the program gives, and Azure is not asked for them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from cli.__main__ import main
from cli.stack.names import of_kinds, stack_names
from clone.root import ROOT
from dryrun import KUBERNETES_STACK, MACHINE_STACK, ONLINE_STACK, make_clone, run_program, stack_config
from dryrun.computed import SUBSCRIPTION

STACK = ROOT / "tests" / "stacks" / "dev.yaml"


def clone(folder: Path, **config: object) -> Path:
    document = yaml.safe_load(STACK.read_text(encoding="utf-8"))
    document["config"].update({f"edgeway:{key}": value for key, value in config.items()})
    (folder / "Pulumi.yaml").write_text("name: edgeway\nruntime: python\n", encoding="utf-8")
    (folder / "Pulumi.dev.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    return folder


@pytest.mark.parametrize("group", [None, "rg-theirs"])
def test_they_are_those_of_the_program(tmp_path: Path, group: str | None) -> None:
    theirs = {"existing": {"resourceGroup": group}} if group else {}
    given = {f"edgeway:{key}": json.dumps(value) for key, value in theirs.items()}
    plan = run_program(make_clone(tmp_path), "dev", "up", {**stack_config("dev"), **given})
    config = yaml.safe_load(STACK.read_text(encoding="utf-8"))["config"]

    named = of_kinds(
        stack_names("dev", SUBSCRIPTION, clone(tmp_path, **theirs)),
        {key.removeprefix("edgeway:"): value for key, value in config.items()},
    )

    made = json.dumps([one["inputs"] for one in plan["resources"]])
    assert [name for name in named.values() if f'"{name}"' not in made and not name.endswith(".io")] == []
    assert f'"dnsNameLabel": "{named["host of anomaly"].partition(".")[0]}"' in made
    assert named["resource group"] == (group or named["resource group"])


def test_online_endpoints_are_named_as_the_program_names_them(tmp_path: Path) -> None:
    plan = run_program(make_clone(tmp_path), "dev", "up", stack_config(ONLINE_STACK))
    models = json.loads(stack_config(ONLINE_STACK)["edgeway:models"])

    named = of_kinds(stack_names("dev", SUBSCRIPTION, clone(tmp_path)), {"models": models, "location": "westeurope"})

    made = json.dumps([one["inputs"] for one in plan["resources"]])
    for what in ("online endpoint of anomaly", "identity of online endpoints", "container group of anomaly"):
        assert f'"{named[what]}"' in made


def test_clusters_of_kubernetes_and_what_is_served_there_are_named_as_the_program_names_them(tmp_path: Path) -> None:
    config = stack_config(KUBERNETES_STACK)
    plan = run_program(make_clone(tmp_path), "dev", "up", config)
    given = {name: json.loads(config[f"edgeway:{name}"]) for name in ("models", "computes")}

    named = of_kinds(stack_names("dev", SUBSCRIPTION, clone(tmp_path)), {**given, "location": "westeurope"})

    made = json.dumps([one["inputs"] for one in plan["resources"]])
    for what in (
        "Kubernetes cluster aks",
        "resource group of its machines, aks",
        "host of aks",
        "identity of Kubernetes",
        "Kubernetes endpoint of anomaly",
    ):
        assert f'"{named[what]}"' in made


def test_virtual_machines_are_named_as_the_program_names_them(tmp_path: Path) -> None:
    config = stack_config(MACHINE_STACK)
    plan = run_program(make_clone(tmp_path), "dev", "up", config)
    given = {name: json.loads(config[f"edgeway:{name}"]) for name in ("models", "devices")}

    named = of_kinds(stack_names("dev", SUBSCRIPTION, clone(tmp_path)), {**given, "location": "westeurope"})

    made = json.dumps([one["inputs"] for one in plan["resources"]])
    for what in ("network of the machines", "virtual machine of vm-01", "identity of vm-02"):
        assert f'"{named[what]}"' in made


def test_without_a_subscription_it_says_where_one_comes_from(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for variable in ("AZURE_SUBSCRIPTION_ID", "ARM_SUBSCRIPTION_ID"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("AZURE_CONFIG_DIR", str(tmp_path))
    assert main(["names", "--stack", "dev"]) == 2
    assert "--subscription ID" in capsys.readouterr().err


def test_what_is_no_id_of_a_subscription_gives_no_names(capsys: pytest.CaptureFixture[str]) -> None:
    """The name of one, which `az account set` takes, would give names that no `up` makes."""
    assert main(["names", "--stack", "dev", "--subscription", "Pay-As-You-Go"]) == 2
    said = capsys.readouterr()
    assert "'Pay-As-You-Go' is no subscription's id" in said.err
    assert said.out == ""


def test_a_script_reads_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["names", "--stack", "dev", "--subscription", SUBSCRIPTION, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["subscription"] == SUBSCRIPTION
    assert told["names"]["resource group"].startswith("rg-edgeway-dev-")


def test_of_local_it_says_where_its_registry_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["names", "--stack", "local", "--subscription", SUBSCRIPTION]) == 0
    (line,) = [one for one in capsys.readouterr().out.splitlines() if one.startswith("container registry")]
    assert "127.0.0.1:PORT, as `edgeway show` has theirs" in line
    assert main(["names", "--stack", "dev", "--subscription", SUBSCRIPTION]) == 0
    assert "127.0.0.1" not in capsys.readouterr().out
