from __future__ import annotations

import copy
import json
import stat
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag

from standin.containerinstance.errors import InvalidGroup
from standin.containerinstance.sealing import files_of, take_secrets, variables_of
from standin.sealing import Sealer
from tests.standin.containerinstance.groups import base64_of, body, container

VALUES = ("variable-secret", base64_of("file-secret"), "registry-secret", "workspace-secret")


@pytest.fixture
def sealer(tmp_path: Path) -> Sealer:
    return Sealer.of(tmp_path / "key")


def properties() -> dict[str, Any]:
    variable, file, password, workspace = VALUES
    described = body(
        container(environmentVariables=[{"name": "KEY", "secureValue": variable}, {"name": "OPEN", "value": "o"}]),
        volumes=[{"name": "keys", "secret": {"key": file}}],
        imageRegistryCredentials=[{"server": "Reg.io", "username": "u", "password": password}],
        diagnostics={"logAnalytics": {"workspaceId": "w", "workspaceKey": workspace}},
    )
    return dict(described["properties"])


def test_no_secret_value_stays_in_the_description(sealer: Sealer) -> None:
    described = properties()
    taken = take_secrets(described, {}, sealer)
    text = json.dumps(described) + sealer.seal(taken)
    assert not [value for value in VALUES if value in text]
    assert variables_of(taken, "web") == {"KEY": "variable-secret"}
    assert files_of(taken, "keys") == {"key": b"file-secret"}
    assert taken["registry/reg.io"] == "registry-secret"


def test_what_was_sealed_opens_with_the_same_key_only(sealer: Sealer, tmp_path: Path) -> None:
    sealed = sealer.seal({"a": "b"})
    assert Sealer.of(tmp_path / "key").open(sealed) == {"a": "b"}
    with pytest.raises(InvalidTag):
        Sealer.of(tmp_path / "other").open(sealed)
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


def test_equal_values_have_equal_marks_and_others_not(sealer: Sealer, tmp_path: Path) -> None:
    assert sealer.mark("a") == sealer.mark("a")
    assert sealer.mark("a") != sealer.mark("b")
    assert Sealer.of(tmp_path / "other").mark("a") != sealer.mark("a")


def test_marks_that_come_back_stand_for_the_values_of_before(sealer: Sealer) -> None:
    described = properties()
    taken = take_secrets(described, {}, sealer)
    again = copy.deepcopy(described)
    assert take_secrets(again, taken, sealer) == taken
    assert again == described


def test_a_mark_that_nobody_gave_is_refused(sealer: Sealer) -> None:
    described = properties()
    take_secrets(described, {}, sealer)
    with pytest.raises(InvalidGroup, match="environment/web/KEY must be a text"):
        take_secrets(described, {}, sealer)


@pytest.mark.parametrize("name", ["", "a/b", ".."])
def test_a_file_name_that_leaves_its_volume_is_refused(sealer: Sealer, name: str) -> None:
    with pytest.raises(InvalidGroup, match="must be a plain file name"):
        take_secrets({"volumes": [{"name": "v", "secret": {name: "eA=="}}]}, {}, sealer)
