"""The bodies that first-contact sends are those that the program plans, for the subscription that is asked."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from clone.root import ROOT
from dryrun import make_clone, stack_tree
from standin.app import all_parts
from standin.core.arm.fields import check_fields
from standin.core.arm.groups import ResourceGroup
from standin.core.arm.ids import parse
from standin.core.arm.kind_table import KindTable
from standin.core.arm.versions import check_version
from standin.foundation import lay_foundation
from standin.plugin import mapping
from standin.plugin.kinds import BY_TOKEN

SUBSCRIPTION = "11111111-0000-4000-8000-000000000001"


def answered(clone: Path, config: dict[str, Any]) -> dict[str, Any]:
    given = {"stack": "dev", "config": config, "clone": str(clone), "subscription": SUBSCRIPTION}
    who = {
        "tenant": "11111111-0000-4000-8000-000000000002",
        "principal": "11111111-0000-4000-8000-000000000003",
        "idtyp": "user",
    }
    child = subprocess.run(
        [sys.executable, "-m", "dryrun.bodies"],
        input=json.dumps({**given, **who}),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    answer: dict[str, Any] = json.loads(child.stdout)
    return answer


@pytest.mark.slow
def test_each_resource_of_azures_comes_with_id_version_and_the_body_that_the_plugin_sends(tmp_path: Path) -> None:
    planned = answered(make_clone(tmp_path), stack_tree("dev"))["planned"]

    azures = [one for one in planned if "id" in one]
    assert len(azures) > 20
    for one in azures:
        assert one["id"].startswith("/subscriptions/" + SUBSCRIPTION), one["type"]
        kind = BY_TOKEN[one["type"]]
        assert one["body"] == mapping.body(one["type"], one["inputs"], kind.params), one["type"]
    (hub,) = [one for one in azures if one["type"] == "iothub:IotHubResource"]
    assert hub["apiVersion"] == "2023-06-30"
    # as Go writes it, whose JSON has no 2.0
    assert repr(hub["body"]["properties"]["eventHubEndpoints"]["events"]["partitionCount"]) == "2"
    (deployer,) = [one for one in azures if one["name"] == "operators-deployer-hub"]
    assert deployer["body"]["properties"]["principalType"] == "User"
    (vault,) = [one for one in azures if one["type"] == "keyvault:Vault"]
    assert vault["apiVersion"] == "2026-02-01"
    assert vault["body"]["properties"]["tenantId"] == "11111111-0000-4000-8000-000000000002"

    kinds = KindTable([ResourceGroup(), *(kind for part in all_parts(lay_foundation(tmp_path)) for kind in part.kinds)])
    for one in azures:
        parts = parse(one["id"])
        kind_there = kinds.find(parts.type) if parts else None
        assert kind_there is not None, one["type"]
        check_version(one["apiVersion"], one["id"])
        check_fields(kind_there, one["body"], None)


@pytest.mark.slow
def test_a_configuration_that_the_program_refuses_is_answered_with_its_words(tmp_path: Path) -> None:
    refused = answered(make_clone(tmp_path), {**stack_tree("dev"), "edgeway:location": "West Europe"})

    assert "edgeway:location" in refused["refused"]
