"""What a model takes: its card says so, before that the types of its entry script."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from clone import model_input as module
from clone.model_input import model_input
from clone.root import ROOT
from models.new.templates import render

pytestmark = pytest.mark.slow

INPUTS = "1" * 64
TYPED = """
from __future__ import annotations
import os
from msgspec import Struct

class Row(Struct):
    speed: float

assert "PULUMI_CONFIG_PASSPHRASE" not in os.environ
print("imported")

def init():
    raise RuntimeError("called")

def run(request: Row | bytes):
    return {}
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    for room in ("images", "contracts"):
        (tmp_path / room).symlink_to(ROOT / room)
    return tmp_path


def script(clone: Path, text: str) -> None:
    (clone / "models" / "boiler").mkdir(parents=True)
    (clone / "models" / "boiler" / "score.py").write_text(text)


def test_the_types_of_an_entry_script_are_asked_for_without_init_and_without_credentials(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "canary")
    script(clone, TYPED)

    schema = model_input(clone, "boiler", INPUTS)

    assert schema is not None
    assert schema["$defs"]["Row"]["required"] == ["speed"]
    assert not list(clone.glob("models/**/__pycache__")), "a preview writes nothing"


def test_a_table_says_its_columns_before_it_is_trained(clone: Path) -> None:
    (clone / "models" / "pump").mkdir(parents=True)
    for part in [*(ROOT / "models").glob("*.py"), ROOT / "models" / "table"]:
        (clone / "models" / part.name).symlink_to(part)
    for path, text in render("table", "pump").items():
        (clone / "models" / "pump" / path).write_text(text)

    schema = model_input(clone, "pump", INPUTS)

    assert schema is not None
    assert schema["$defs"]["Row"]["required"] == ["speed", "pressure", "site"]


@pytest.mark.parametrize(
    "text", ["def init(): pass\ndef run(data): return data\n", "import nothing_like_it\n", "def run(:\n", ""]
)
def test_a_script_that_says_nothing_or_cannot_be_imported_gives_none(clone: Path, text: str) -> None:
    script(clone, text)

    assert model_input(clone, "boiler", INPUTS) is None


def test_a_model_without_an_entry_script_gives_none(clone: Path) -> None:
    assert model_input(clone, "boiler", INPUTS) is None


def test_a_script_that_never_ends_is_ended_at_the_deadline(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(clone, "import os, signal\nopen('pid', 'w').write(str(os.getpid()))\nsignal.pause()\n")
    monkeypatch.setattr(module, "DEADLINE_SECONDS", 1)

    assert model_input(clone, "boiler", INPUTS) is None
    if (clone / "pid").exists():  # else a slow machine had not even begun with it
        with pytest.raises(ProcessLookupError):
            os.kill(int((clone / "pid").read_text()), 0)
