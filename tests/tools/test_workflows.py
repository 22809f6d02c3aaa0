"""What runs with the repository's tokens is fixed by commit, may do what it needs, and runs no text of an event.

https://docs.github.com/actions/security-for-github-actions/security-guides/security-hardening-for-github-actions
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from clone.root import ROOT

FILES = sorted((ROOT / ".github").rglob("*.y*ml"))
WORKFLOWS = [file for file in FILES if file.parent.name == "workflows"]
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*")
WRITES = {
    ("preview-comment.yml", "comment"): {"pull-requests"},
    ("preview.yml", "dev"): {"id-token"},
}
"""Which jobs may write what."""
FROM_OUTSIDE = re.compile(r"\$\{\{[^}]*(github\.(event|head_ref|actor)|inputs|vars)\b")


def document(file: Path) -> dict[Any, Any]:
    loaded: dict[Any, Any] = yaml.safe_load(file.read_text("utf-8"))
    return loaded


def jobs() -> Iterator[tuple[str, str, dict[str, Any], Any]]:
    """File, name of the job, the job, what the whole file permits."""
    for file in WORKFLOWS:
        workflow = document(file)
        for name, job in workflow["jobs"].items():
            yield file.name, name, job, workflow.get("permissions")


def unpinned(text: str) -> list[str]:
    used = re.findall(r"^\s*-?\s*uses:\s*(.+?)\s*$", text, re.MULTILINE)
    return [one for one in used if not one.startswith("./") and not PINNED.fullmatch(one)]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_an_action_is_pinned_by_its_commit_with_its_version_beside_it(file: Path) -> None:
    assert unpinned(file.read_text("utf-8")) == []


def test_a_tag_a_branch_a_short_commit_and_a_commit_without_a_version_are_no_pins() -> None:
    commit = "a" * 40
    loose = ["o/r@v4", "o/r@main", f"o/r@{commit[:12]}", f"o/r@{commit}", "docker://alpine:3", f"o/r@{commit} # main"]

    assert unpinned("".join(f"      - uses: {one}\n" for one in loose)) == loose
    assert unpinned(f"      - uses: o/r/path@{commit} # v4.6.2\n        uses: ./.github/actions/own\n") == []


def test_each_job_says_what_it_may_do_and_only_the_named_ones_may_write() -> None:
    for file, name, job, of_workflow in jobs():
        permissions = job.get("permissions", of_workflow)
        assert isinstance(permissions, dict), f"{file} {name}: its permissions are not said one by one"
        writes = {what for what, level in permissions.items() if level == "write"}
        assert writes == WRITES.get((file, name), set()), f"{file} {name}"


def test_no_workflow_gives_all_its_jobs_a_right_to_write() -> None:
    for file in WORKFLOWS:
        permissions = document(file)["permissions"]
        assert all(level == "read" for level in permissions.values()), file.name


def test_what_an_event_brings_reaches_no_shell_as_its_text() -> None:
    for file, name, job, _ in jobs():
        for step in job["steps"]:
            assert not FROM_OUTSIDE.search(step.get("run", "")), f"{file} {name}: {step['run']}"


def test_a_checkout_leaves_no_token_in_the_clone() -> None:
    for file, name, job, _ in jobs():
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step.get("with", {}).get("persist-credentials") is False, f"{file} {name}"


def test_no_workflow_runs_the_code_of_a_fork_with_the_rights_of_the_repository() -> None:
    """`pull_request_target` does; `workflow_run` runs the default branch's, and must not check out another."""
    for file in WORKFLOWS:
        workflow = document(file)
        triggers = workflow[True]  # YAML 1.1 reads `on` so
        assert "pull_request_target" not in triggers
        if "workflow_run" in triggers:
            assert "ref:" not in file.read_text("utf-8"), file.name


def test_every_job_ends_by_itself() -> None:
    assert [f"{file} {name}" for file, name, job, _ in jobs() if "timeout-minutes" not in job] == []
