"""What is left over is told by name, whatever digests a retrain gave it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.e2e.disturbed.remains import STATE_FILE, Found, differences, unfinished
from tests.e2e.disturbed.victims import ancestors
from tests.e2e.stack.local_stack import LocalStack
from tests.kills.play import Measured


def test_what_is_too_much_and_what_is_missing_is_named() -> None:
    now, wanted = Found({"container a": 2, "volume v": 1}), Found({"container a": 1, "lock l": 1, "volume v": 1})
    assert differences(now, wanted) == ["+1 container a", "-1 lock l"]


def test_an_operation_that_was_cut_off_and_a_row_that_waits_to_be_deleted_are_unfinished(tmp_path: Path) -> None:
    stack = LocalStack(root=tmp_path)
    assert unfinished(stack) == []
    file = tmp_path / ".local" / "pulumi" / "state" / STATE_FILE
    file.parent.mkdir(parents=True)
    pending = {"type": "creating", "resource": {"urn": "u1"}}
    resources = [{"urn": "u2", "delete": True}, {"urn": "u3"}]
    latest = {"pending_operations": [pending], "resources": resources}
    file.write_text(json.dumps({"checkpoint": {"latest": latest}}))
    assert unfinished(stack) == ["pending creating u1", "to be deleted u2"]


def test_a_retrain_may_leave_as_much_as_an_undisturbed_one_does() -> None:
    up = Found({"identity a": 1, "tag m": 1})
    measured = Measured(wanted={"up": up, "retrain": Found({"identity a": 1, "tag m": 2}), "down": Found()})
    assert measured.over(Found({"identity a": 1, "tag m": 3}), "up", retrains=2) == []
    assert measured.over(Found({"identity a": 1, "tag m": 1}), "up", retrains=2) == []
    assert measured.over(Found({"identity a": 2, "tag m": 4}), "up", retrains=2) == ["+1 identity a", "+1 tag m"]
    assert measured.over(Found({"tag m": 1}), "down", retrains=0) == ["+1 tag m"]


def test_what_the_reader_of_messages_has_started_belongs_to_who_asks_and_what_outlived_its_parent_does_not() -> None:
    child = [sys.executable, "-c", "import sys; print(flush=True); sys.stdin.read()"]
    with subprocess.Popen(["sh", "-c", '"$@"; true', "sh", *child], stdin=-1, stdout=-1) as reader:
        assert reader.stdout is not None and reader.stdout.readline()
        (grandchild,) = Path("/proc", str(reader.pid), "task", str(reader.pid), "children").read_text().split()
        assert list(ancestors(int(grandchild)))[:2] == [reader.pid, os.getpid()]
        reader.communicate()
    assert list(ancestors(reader.pid)) == []
