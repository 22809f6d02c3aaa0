"""docs/errors.md, as far as no stack is needed to hear the messages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from cli.__main__ import main
from edge.layers import catalogue
from edge.manifest import AGENT, HUB
from infra.settings.checks import check
from infra.settings.load import SettingsError, load
from tests.docs.errors_page import Section, told
from tests.docs.refusals import COMMAND, IMPORT, SECTIONS, SETTINGS, SETTINGS_CASES, settings_case
from tests.edge.drawn_deployments import DESIRED, good
from tests.infra.settings.good import DECLARED, changed
from tools.guests import LAYERS

REFUSED = 2


@pytest.mark.parametrize(("path", "value"), SETTINGS_CASES)
def test_the_page_has_what_a_bad_configuration_is_told(path: tuple[str | int, ...], value: Any) -> None:
    with pytest.raises(SettingsError) as refusal:
        settings = load(changed((path, value)))
        # the project's own layers: a user of it adds others, which the message would name too
        check(settings, {name: layer for name, layer in catalogue().items() if name in LAYERS}, declared=DECLARED)
    SETTINGS.check(settings_case(path, value), "\n".join(map(str, refusal.value.problems)))


@pytest.mark.parametrize(
    ("case", "arguments"),
    [
        ("stack", ["show", "--stack", "nope"]),
        ("not started", ["env"]),
        ("timeout", ["monitor", "--timeout", "soon"]),
        ("count", ["monitor", "--count", "none"]),
        ("file", ["invoke", "nofile.json"]),
        ("plain http", ["invoke", "--url", "http://example.com/score", "/dev/null"]),
    ],
)
def test_the_page_has_what_a_bad_command_line_is_told(
    case: str,
    arguments: Sequence[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("EDGEWAY_STANDIN_STATE", str(tmp_path))
    try:
        code = main(arguments)
    except SystemExit as refused_by_argparse:
        code = int(refused_by_argparse.code or 0)
    last = capsys.readouterr().err.splitlines()[-1]
    assert code == REFUSED
    COMMAND.check(case, last, {str(tmp_path): "<folder>"})


def _deployment(**meter: Any) -> bytes:
    content = good()
    content[AGENT][DESIRED]["modules"]["meter"]["settings"] |= meter
    return json.dumps(content).encode()


def _routed() -> bytes:
    content = good()
    content[HUB][DESIRED]["routes"]["up"] = "FROM /messages/modules/metre/* INTO $upstream"
    return json.dumps(content).encode()


@pytest.mark.parametrize(
    ("case", "data", "more"),
    [
        ("no json", b'{"modulesContent": ', []),
        ("no deployment", b"{}", []),
        ("twice", b'{"$edgeAgent": {"a": 1, "a": 2}}', []),
        ("no tag", _deployment(image="meter"), []),
        ("createOptions", _deployment(createOptions='{"HostConfig": []}'), []),
        ("route", _routed(), []),
        ("placeholder", _deployment(image="${MODULES.meter}"), []),
        ("name", _deployment(), ["--name", "Line-1"]),
    ],
)
def test_the_page_has_what_a_broken_deployment_is_told(
    case: str, data: bytes, more: Sequence[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "deployment.json"
    file.write_bytes(data)
    assert main(["layer", "import", str(file), "--dry-run", *more]) == REFUSED
    IMPORT.check(case, capsys.readouterr().err, {str(tmp_path): "<folder>"})


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: str(section.name))
def test_the_page_has_every_case_and_no_other(section: Section) -> None:
    assert list(section.rows()) == [case.wrong.replace("|", "\\|") for case in section.cases.values()]


def test_of_the_engines_output_only_the_errors_count() -> None:
    output = """Updating (local):
 ~  mledge:docker:Image sensor **updating failed**; error: full
Diagnostics:
  mledge:docker:Image (sensor):
    error: full:
    the disk

  pulumi:pulumi:Stack (edgeway-local):
    warning: mind
    error: update failed

  mledge:ml:TrainingRun (anomaly):
    trained before

Resources:
    2 errored
"""
    assert told(output) == ["full:\nthe disk"]
