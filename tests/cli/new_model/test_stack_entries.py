"""An entry goes into the stack's file as a person would write it there: comments and everything else stay."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from cli.errors import Refused
from cli.new_model.stack_entries import added, text_of

ENTRY = {"name": "wine", "endpoints": [{"kind": "containerGroup"}]}
FILE = """# the stack
config:
  edgeway:models:   # what is served
    - name: anomaly
      train: {data: {source: simulator}}   # its own

    # devices follow
  edgeway:layers:
  - name: anomaly
encryptionsalt: v1:abc
"""


def file_of(folder: Path, text: str) -> Path:
    file = folder / "Pulumi.local.yaml"
    file.write_text(text)
    return file


def test_an_entry_is_the_last_of_its_list_and_comments_stay(tmp_path: Path) -> None:
    changed = added(
        file_of(tmp_path, FILE), {"models": ENTRY, "layers": {"name": "wine"}, "devices": {"id": "edge-wine"}}
    )
    assert (
        changed
        == """# the stack
config:
  edgeway:models:   # what is served
    - name: anomaly
      train: {data: {source: simulator}}   # its own
    - name: wine
      endpoints: [{kind: containerGroup}]

    # devices follow
  edgeway:layers:
  - name: anomaly
  - name: wine
  edgeway:devices:
    - id: edge-wine
encryptionsalt: v1:abc
"""
    )


def test_a_list_at_the_end_of_the_file_is_found_too(tmp_path: Path) -> None:
    text = "config:\n  edgeway:models:\n    - name: anomaly"
    assert added(file_of(tmp_path, text), {"models": ENTRY}).endswith(
        "    - name: anomaly\n    - name: wine\n      endpoints: [{kind: containerGroup}]\n"
    )


@pytest.mark.parametrize("models", ["[{name: anomaly}]", '\'[{"name": "anomaly"}]\'', "[]", "{secure: v1:abc}"])
def test_a_list_in_one_line_is_left_to_the_user(tmp_path: Path, models: str) -> None:
    file = file_of(tmp_path, f"config:\n  edgeway:models: {models}\n")
    with pytest.raises(Refused, match="edgeway:models is not written as a list of lines"):
        added(file, {"models": ENTRY})


def test_what_is_no_yaml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"Pulumi.local.yaml is no YAML"):
        added(file_of(tmp_path, "config: ["), {"models": ENTRY})


def test_what_is_printed_is_what_would_be_added() -> None:
    assert (
        text_of({"models": ENTRY}) == "  edgeway:models:\n    - name: wine\n      endpoints: [{kind: containerGroup}]"
    )
    assert yaml.safe_load(text_of({"models": ENTRY})) == {"edgeway:models": [ENTRY]}
