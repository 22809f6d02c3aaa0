"""What the real azure-native and the official CLI must find, as far as their SDK and this environment can say."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable
from importlib.metadata import version

import pytest
import yaml

from clone.root import ROOT
from dryrun import Plan

PINNED = re.compile(r"azure-native:(?P<module>\w+)/(?P<version>v\w+):(?P<name>\w+)")


@pytest.mark.slow
@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_azure_natives_own_class_lists_the_token_that_each_pinned_resource_has(
    stack: str, planned: Callable[[str, str], Plan]
) -> None:
    tokens = {one["type"] for one in planned(stack, "up")["resources"] if PINNED.fullmatch(one["type"])}

    # the class names every version that its provider has as an alias of its own
    assert len(tokens) >= 4
    assert [token for token in tokens if f'"{token}"' not in _source_of(token)] == []


def _source_of(token: str) -> str:
    found = PINNED.fullmatch(token)
    assert found
    module = importlib.import_module(f"pulumi_azure_native.{found['module']}")
    return inspect.getsource(inspect.getmodule(getattr(module, found["name"])))  # type: ignore[arg-type]


def test_the_environment_has_the_pip_that_the_official_cli_asks_for_the_programs_packages() -> None:
    options = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["runtime"]["options"]
    assert options == {"toolchain": "pip", "virtualenv": ".venv"}

    # `toolchain: pip` runs `python -m pip list`; uv makes environments without pip, so that the lock has to bring it
    locked = re.search(r"^pip==(\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert locked and locked[1] == version("pip")
