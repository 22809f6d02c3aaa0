"""Where a page shows what a model's data are, in one line, it is what the settings take."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
import yaml

from infra.settings.tree import DataSettings

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*sorted(ROOT.glob("docs/*.md")), *sorted(ROOT.glob("models/*/README.md"))]
SHOWN = [
    (page.relative_to(ROOT).as_posix(), line)
    for page in PAGES
    if page.name != "errors.md"  # of what is refused
    for line in re.findall(r"data: \{[^}]*\}", page.read_text())
]
LEFT_OUT = re.compile(r"sha256: (\.\.\.|<64 hex>)")


@pytest.mark.parametrize(("page", "line"), SHOWN)
def test_what_a_page_shows_as_data_is_taken(page: str, line: str) -> None:
    entry = yaml.safe_load(LEFT_OUT.sub(f"sha256: '{'0' * 64}'", line))
    msgspec.convert(entry["data"], DataSettings)


def test_they_are_found() -> None:
    assert len(SHOWN) >= 12


def test_layers_of_all_models_stand_in_one_stack() -> None:
    """A changed layer runs beside the old one at priority + 1."""
    texts = [page.read_text() for page in ROOT.glob("models/*/README.md")]
    shown = sorted(int(number) for text in texts for number in re.findall(r"^ +priority: (\d+)", text, re.MULTILINE))
    assert len(shown) >= 5
    assert all(after - before >= 10 for before, after in pairwise(shown)), shown
