"""From the model's data to scored messages, read back through the hub's built-in endpoint."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from tests.e2e.local_stack import LocalStack

pytestmark = pytest.mark.e2e


def test_every_scored_message_carries_the_answer_and_the_digest_of_the_model(stack: LocalStack) -> None:
    version = stack.outputs()["models"]["anomaly"]["version"]
    messages = stack.monitor(10)
    assert len(messages) == 10
    for message in messages:
        assert isinstance(message["body"]["anomaly"], bool)
        assert message["properties"]["AzureMLResponse"] == "OK"
        assert message["properties"]["model"] == version
        assert message["device"] == "edge-01"
        assert message["module"] == "scorer"


def test_what_the_device_answers_is_what_the_model_says_in_process(stack: LocalStack) -> None:
    digest = stack.outputs()["models"]["anomaly"]["digest"]
    messages = stack.monitor(20, "--from", "earliest")
    for message in messages:
        body = message["body"]
        row = {key: value for key, value in body.items() if key != "anomaly"}
        assert score_in_process(stack.root / ".artifacts" / digest, row)["anomaly"] is body["anomaly"]


def test_a_row_scored_over_https_equals_the_model_in_process(stack: LocalStack, tmp_path: Path) -> None:
    digest = stack.outputs()["models"]["anomaly"]["digest"]
    row = {
        "machine": {"temperature": 105.5457931, "pressure": 10.63179922},
        "ambient": {"temperature": 20.62029994, "humidity": 26},
        "timeCreated": "2017-10-27T18:14:02.4911177Z",
    }
    file = tmp_path / "row.json"
    file.write_text(json_text(row))
    answer = stack.run("edgeway", "invoke", "--stack", "local", "--json", str(file)).stdout
    assert json_value(answer) == score_in_process(stack.root / ".artifacts" / digest, row)


def test_a_second_up_changes_nothing(stack: LocalStack) -> None:
    begin = time.monotonic()
    result = stack.up("--expect-no-changes")
    print(f"no-change up: {time.monotonic() - begin:.1f} s")
    assert "unchanged" in result.stdout


def test_the_work_tree_is_clean_after_up(stack: LocalStack) -> None:
    status = subprocess.run(
        ["git", "status", "--porcelain"], cwd=stack.root, capture_output=True, text=True, check=True
    ).stdout
    changed = [line for line in status.splitlines() if "Pulumi." in line]
    assert changed == []


def test_a_second_clone_on_the_same_backend_previews_no_change(stack: LocalStack, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", str(stack.root), str(clone)], check=True, capture_output=True)
    other = LocalStack(
        root=clone,
        environment=(
            ("EDGEWAY_STANDIN_STATE", str(stack.standin_state)),
            ("PULUMI_BACKEND_URL", f"file://{stack.root / '.local' / 'pulumi' / 'state'}"),
        ),
    )
    other.command("tools/init.sh", "local", limit_s=600)
    other.command("tools/pulumi-home.sh")
    other.command(".venv/bin/edgeway", "data", "--stack", "local")
    assert other.changes() == {}


def score_in_process(artifact: Path, row: dict[str, object]) -> dict[str, object]:
    from tests.e2e.artifact import score

    return score(artifact, row)


def json_text(value: object) -> str:
    import json

    return json.dumps(value)


def json_value(text: str) -> object:
    import json

    return json.loads(text)
