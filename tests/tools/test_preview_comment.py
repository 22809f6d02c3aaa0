"""The pull request comment: one marker, escaped text, never over GitHub's limit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "preview_comment.py"
GITHUB_LIMIT = 65_536


def comment(folder: Path, **previews: str) -> str:
    files = []
    for stack, text in previews.items():
        file = folder / f"{stack}.txt"
        file.write_text(text)
        files.append(str(file))
    return subprocess.run([sys.executable, str(SCRIPT), *files], capture_output=True, text=True, check=True).stdout


def test_the_comment_starts_with_the_marker_by_which_it_is_found_again(tmp_path: Path) -> None:
    assert comment(tmp_path, local="+ 3 to create").splitlines()[0] == "<!-- edgeway-preview -->"


def test_markup_from_a_strangers_pull_request_is_shown_not_rendered(tmp_path: Path) -> None:
    text = comment(tmp_path, local="</pre><img src=x> \x1b[31mred\x1b[0m")
    assert "&lt;/pre&gt;&lt;img src=x&gt; red" in text
    assert text.count("</pre>") == 1


def test_a_long_preview_is_cut_in_the_middle_and_the_cut_is_named(tmp_path: Path) -> None:
    text = comment(tmp_path, local="head " + "&" * 200_000 + " tail", dev="x" * 200_000, prod="&\n" * 100_000)
    assert len(text) < GITHUB_LIMIT
    assert "head " in text and " tail" in text and "characters left out" in text


def test_the_sentences_are_a_list_that_a_loss_leads_and_every_resource_is_folded(tmp_path: Path) -> None:
    sentences = "! the IoT hub is DELETED\nanomaly retrains (max_depth none -> 3)"
    told = f"{sentences}\n\n +- replace TrainingRun anomaly\n\n1 to replace"
    text = comment(tmp_path, local=told)
    assert "<li><b>the IoT hub is DELETED</b></li>\n<li>anomaly retrains (max_depth none -&gt; 3)</li>" in text
    folded = text.partition("<details>")[2]
    assert "retrains" not in folded
    assert "\n\n<pre>+- replace TrainingRun anomaly\n\n1 to replace</pre>" in folded


def test_nobody_is_called_by_a_strangers_pull_request(tmp_path: Path) -> None:
    assert "@somebody" not in comment(tmp_path, local="device @somebody is new\n\nall").partition("<details>")[0]


def test_every_stack_has_its_own_section(tmp_path: Path) -> None:
    text = comment(tmp_path, local="one", dev="two")
    assert "### `dev`" in text and "### `local`" in text
