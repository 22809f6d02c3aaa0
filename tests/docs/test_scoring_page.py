"""The figures on the pages are those that the last full benchmark wrote."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from bench.scoring.report import shown

DOCS = Path(__file__).resolve().parents[2] / "docs"
BESIDE_BUSY_LOOPS = (19.9, 21.7)
"""Rounds of the same ratio beside three busy loops on the same machine, one each."""
RATIOS = json.loads((DOCS / "scoring.json").read_text())["ratios"]


@pytest.mark.parametrize("ratio", RATIOS, ids=[f"{one['measure']}, {one['anchor']}" for one in RATIOS])
def test_every_ratio_of_the_benchmark_is_on_the_page_as_it_was_measured(ratio: dict[str, object]) -> None:
    values = (float(str(ratio[name])) for name in ("median", "low", "high"))
    median, low, high = map(shown, values)
    assert f"| {ratio['anchor']} | {median} | {low}..{high} |" in (DOCS / "scoring.md").read_text()


def test_the_readme_tells_the_ratio_as_a_range_from_a_busy_machine_to_the_best_hour() -> None:
    ratio = next(one for one in RATIOS if (one["measure"], one["anchor"]) == ("requests/s", "azmlinfsrv"))
    page = (DOCS / "scoring.md").read_text()
    hours = [float(one) for one in re.findall(r"^\| 20[\d :-]+ \| ([\d.]+)x \|", page, re.MULTILINE)]
    assert len(hours) > 1
    low, high = round(min(BESIDE_BUSY_LOOPS)), round(max(float(str(ratio["median"])), *hours))
    assert f"serves {low} to {high} times the requests" in (DOCS.parent / "README.md").read_text()
    assert f"expect {low} to {high}," in page
    assert "single rounds gave " + " and ".join(f"{one}x" for one in BESIDE_BUSY_LOOPS) in page
