"""From the model's data to scored messages, read back through the hub's built-in endpoint."""

from __future__ import annotations

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import read_stack_files
from tests.e2e.stack.artifact import score
from tests.e2e.stack.local_stack import DEVICE, LocalStack
from tests.working_tree import copy_of_the_tree

pytestmark = pytest.mark.e2e

NAMES = ("local", "dev", "prod")
ENGINE_LIMIT_S = 180  # a hang, not a speed: `make bench-up` measures that
ANOMALY = {
    "machine": {"temperature": 105.5457931, "pressure": 10.63179922},
    "ambient": {"temperature": 20.62029994, "humidity": 26},
    "timeCreated": "2017-10-27T18:14:02.4911177Z",
}


def artifact(stack: LocalStack) -> Path:
    digest = stack.outputs()["models"]["anomaly"]["digest"]
    return stack.root / ".artifacts" / str(digest)


def without_answer(body: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != "anomaly"}


def test_every_scored_message_carries_the_answer_and_the_digest_of_the_model(stack: LocalStack) -> None:
    version = stack.outputs()["models"]["anomaly"]["version"]
    messages = stack.monitor(5)
    assert len(messages) == 5
    for message in messages:
        assert isinstance(message["body"]["anomaly"], bool)
        assert message["properties"]["AzureMLResponse"] == "OK"
        assert message["properties"]["model"] == version
        assert message["contentType"] == "application/json"
        assert (message["device"], message["module"]) == (DEVICE, "scorer")


def test_what_the_device_answers_is_what_the_model_says_in_process(stack: LocalStack) -> None:
    bodies = [message["body"] for message in stack.everything()]
    assert bodies
    assert score(artifact(stack), [without_answer(body) for body in bodies]) == bodies


def test_a_row_scored_over_https_equals_the_model_in_process(stack: LocalStack, tmp_path: Path) -> None:
    file = tmp_path / "row.json"
    file.write_text(json.dumps(ANOMALY))
    answer = json.loads(stack.run("edgeway", "invoke", "--stack", "local", "--model", "anomaly", str(file)).stdout)
    assert [answer] == score(artifact(stack), [ANOMALY])
    assert answer["anomaly"] is True


def test_a_module_of_the_device_asks_another_by_its_name(stack: LocalStack) -> None:
    asks = (
        "import sys, urllib.request as r; "
        "print(r.urlopen(r.Request('http://scorer:5001/score', sys.argv[1].encode()), timeout=30).read().decode())"
    )
    labels = (f"standin={stack.instance}", f"device={DEVICE}", "module=sensor")
    names = stack.command("docker", "ps", "-q", *(f"--filter=label=edgeway.{label}" for label in labels))
    told = stack.command("docker", "exec", names.stdout.strip(), "python", "-c", asks, json.dumps(ANOMALY)).stdout
    assert [json.loads(told)] == score(artifact(stack), [ANOMALY])


def test_the_page_on_calling_the_service_works_word_for_word(stack: LocalStack) -> None:
    """Each block of docs/call-the-service.md, in its order; nothing of ours but what the page itself says.
    The load takes a second instead of a minute."""
    page = (stack.root / "docs" / "call-the-service.md").read_text()
    blocks = re.findall(r"^```(sh|python)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert [kind for kind, _ in blocks] == ["sh", "sh", "python", "sh", "sh", "sh"]
    runs = {"sh": ("bash", "-euo", "pipefail", "-c"), "python": ("python3", "-c")}
    blocks = [(kind, block.replace("--seconds 60", "--seconds 1")) for kind, block in blocks]
    told = [stack.command(*runs[kind], block, limit_s=180).stdout for kind, block in blocks]
    row = {"machine": {"temperature": 105.5, "pressure": 10.6}, "ambient": {"temperature": 20.6, "humidity": 26}}
    (expected,) = score(artifact(stack), [row])
    assert json.loads(told[1]) == json.loads(told[2]) == expected
    assert "/score" in json.loads(told[3])["paths"]
    assert "".join(told[:1] + told[4:5]) == "", "neither the key nor anything else is shown"
    assert "good answers a second" in told[5] and "failures  none" in told[5]
    assert not (stack.root / ".local" / "call").exists()


def test_a_second_up_changes_nothing_and_both_leave_the_stack_files_as_they_were(
    stack: LocalStack, stack_files: dict[str, bytes]
) -> None:
    begin = time.monotonic()
    result = stack.up("--expect-no-changes")
    assert "unchanged" in result.stdout
    assert time.monotonic() - begin < ENGINE_LIMIT_S
    assert read_stack_files() == stack_files


def test_a_command_that_runs_in_the_background_is_not_deaf_to_interrupts(stack: LocalStack) -> None:
    asks = "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
    result = stack.command("bash", "-c", f"trap '' INT; tools/stack.sh local python -c '{asks}'")
    assert result.stdout.strip() == "True"


def test_a_preview_says_that_nothing_changes_and_writes_nothing(
    stack: LocalStack, stack_files: dict[str, bytes]
) -> None:
    backend = stack.root / ".local" / "pulumi" / "state"
    before = contents(backend)
    assert stack.command("tools/preview.sh", "local").stdout.splitlines()[:2] == ["nothing changes", ""]
    assert contents(backend) == before
    assert read_stack_files() == stack_files


def test_a_preview_of_a_stack_that_is_not_there_does_not_make_it(
    stack: LocalStack, stack_files: dict[str, bytes], tmp_path: Path
) -> None:
    # the stand-in is the Azure of all three, as a user's own environment names the Azure of dev and prod
    variables = json.loads(stack.command(".venv/bin/edgeway", "env", "--stack", "local", "--json").stdout)
    azure = {key: value for key, value in variables.items() if value is not None}
    azure["PULUMI_BACKEND_URL"] = f"file://{tmp_path}"
    other = replace(stack, environment=(*stack.environment, *azure.items()))
    with ThreadPoolExecutor() as side_by_side:
        previews = side_by_side.map(lambda name: other.command("tools/preview.sh", name).stdout, NAMES)
        said = [preview.splitlines()[0] for preview in previews]
    assert [line.partition(":")[0] for line in said] == ["everything is new"] * len(NAMES)
    assert contents(tmp_path) == {}
    assert read_stack_files() == stack_files


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() if path.is_file() else b"" for path in folder.rglob("*")}


def test_a_second_clone_on_the_same_backend_previews_no_change(stack: LocalStack, tmp_path: Path) -> None:
    other = LocalStack(
        root=copy_of_the_tree(stack.root, tmp_path / "clone"),
        environment=(
            ("EDGEWAY_STANDIN_STATE", str(stack.standin_state)),
            ("PULUMI_BACKEND_URL", f"file://{stack.root / '.local' / 'pulumi' / 'state'}"),
        ),
    )
    other.command("tools/init.sh", "local")
    other.command("tools/setup/pulumi-home.sh")
    other.command(".venv/bin/edgeway", "data", "--stack", "local")
    assert other.changes() == {}
