"""Mistakes made on a running stack: each is refused as docs/errors.md says, and the stack stays as it was."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.refusals import STACK
from tests.e2e.stack.local_stack import DEVICE, LocalStack
from tests.e2e.stack.mistakes import FAILED, REFUSED, changed_sensor, last_line, refusal, up, with_environment
from tests.e2e.stack.scoring_client import Scoring

pytestmark = pytest.mark.e2e

HYPERPARAMETERS = "edgeway:models[0].train.hyperparameters"
DATA = "edgeway:models[0].train.data"
NO_ENGINE = "unix:///nowhere/docker.sock"
REFUSED_SOON_S = 60
ROW = {"machine": {"temperature": "hot", "pressure": 10.6}, "ambient": {"temperature": 20.6, "humidity": 26}}


@pytest.fixture(scope="module", autouse=True)
def untouched(stack: LocalStack) -> Iterator[None]:
    """After all mistakes of this module: nothing to change, and git sees no difference."""
    before = seen_by_git(stack)
    yield
    assert stack.changes() == {}
    assert seen_by_git(stack) == before


def seen_by_git(stack: LocalStack) -> str:
    command = ["git", "status", "--porcelain", "--", ".", ":!docs/errors.md"]  # which these tests may write
    return subprocess.run(command, cwd=stack.root, capture_output=True, text=True, check=True).stdout


@pytest.mark.usefixtures("unchanged")
def test_a_wrong_key_type_and_value_are_told_at_once_by_preview_and_by_up(stack: LocalStack) -> None:
    with stack.config("edgeway:iotHub.skew", "1"):
        stack.pulumi("config", "set", "--path", "edgeway:models[0].endpoints[0]", "big")
        stack.pulumi("config", "set", "--path", "edgeway:models[0].train.thresholds.accuracy", "high")
        said = refusal(stack, "preview")
        assert up(stack) == said
    STACK.check("settings", said)


def test_a_condition_that_cannot_be_read_is_refused(stack: LocalStack) -> None:
    with stack.config("edgeway:layers[0].targetCondition", 'tags.model = "anomaly"'):
        STACK.check("condition", refusal(stack, "preview"))


@pytest.mark.usefixtures("unchanged")
def test_a_model_under_its_threshold_is_neither_built_nor_deployed(stack: LocalStack) -> None:
    with stack.config(f"{HYPERPARAMETERS}.max_depth", "2"):
        said = up(stack)
        # now that its metrics are known, the preview says the same
        assert refusal(stack, "preview") == f"Preview failed: {said}"
    STACK.check("threshold", said)


def test_data_that_cannot_be_had_ends_make_up_before_pulumi_starts(stack: LocalStack) -> None:
    with stack.config(f"{DATA}.source", "ftp"):
        result = stack.command("tools/up.sh", "local", check=False)
        assert result.returncode == REFUSED
        STACK.check("data source", next(line for line in result.stderr.splitlines() if line.startswith("edgeway:")))
    with stack.config(DATA, "gone"):
        file = stack.root / "Pulumi.local.yaml"
        file.write_text(file.read_text().replace("data: gone", "data: {source: csv, path: no.csv}"))
        result = stack.run("edgeway", "data", "--stack", "local", check=False)
        STACK.check("data file", last_line(result, REFUSED))


@pytest.mark.usefixtures("unchanged")
def test_an_up_without_a_docker_engine_is_refused(stack: LocalStack) -> None:
    with changed_sensor(stack):
        said = up(with_environment(stack, DOCKER_HOST=NO_ENGINE))
    STACK.check("docker absent", said)


def test_init_without_a_docker_engine_is_refused(stack: LocalStack) -> None:
    before = (stack.root / ".local" / "tools" / "env").read_text()
    result = with_environment(stack, DOCKER_HOST=NO_ENGINE).command("tools/init.sh", "local", check=False)
    STACK.check("docker absent at init", last_line(result, FAILED))
    assert (stack.root / ".local" / "tools" / "env").read_text() == before


def test_a_stand_in_on_taken_ports_is_refused_and_the_running_one_goes_on(stack: LocalStack, tmp_path: Path) -> None:
    ports = json.loads((stack.standin_state / "ports.json").read_text())
    said = second_stand_in(stack, tmp_path / "other", "--port-base", str(ports["base"]))
    STACK.check("port", said, {str(ports["base"]): "<port>"})
    assert not {path.name for path in (tmp_path / "other").iterdir()} & {"env", "ports.json", "pid"}
    said = second_stand_in(stack, stack.standin_state)
    pid = (stack.standin_state / "pid").read_text().strip()
    STACK.check("state", said, {str(stack.standin_state): "<folder>", f"pid {pid}": "pid <pid>"})
    assert stack.control("GET", "health")["status"] == "ready"


def second_stand_in(stack: LocalStack, state: Path, *options: str) -> str:
    command = [sys.executable, "-m", "standin", "--state", str(state), *options]
    begin = time.monotonic()
    result = subprocess.run(
        command, cwd=stack.root, capture_output=True, text=True, timeout=2 * REFUSED_SOON_S, check=False
    )
    assert time.monotonic() - begin < REFUSED_SOON_S
    return last_line(result, REFUSED)


def test_names_that_the_stack_does_not_have_are_refused(stack: LocalStack, tmp_path: Path) -> None:
    device = stack.run("edgeway", "device", "config", "nope", "--out", str(tmp_path / "out"), check=False)
    STACK.check("device", last_line(device, REFUSED), {", ".join(sorted(stack.outputs()["devices"])): DEVICE})
    assert not (tmp_path / "out").exists()
    model = stack.run("edgeway", "invoke", "--model", "nope", "/dev/null", check=False)
    STACK.check("model", last_line(model, REFUSED), {", ".join(sorted(stack.outputs()["scoring"])): "anomaly"})


def test_invoke_tells_what_the_service_refused(stack: LocalStack, tmp_path: Path) -> None:
    file = tmp_path / "row.json"
    file.write_text(json.dumps(ROW))
    said = last_line(stack.run("edgeway", "invoke", "--model", "anomaly", str(file), check=False), FAILED)
    STACK.check("invoke", re.sub(r"at \S+ answered", "at <host> answered", said))


@pytest.fixture(scope="module")
def scoring(stack: LocalStack) -> Scoring:
    return Scoring.of(stack.outputs(secrets=True), "anomaly")


def test_the_scoring_service_answers_each_bad_request_as_the_page_says(scoring: Scoring) -> None:
    assert scoring.score(scoring.good()) == 200
    scoring.check_page()
    assert scoring.score(scoring.good()) == 200


def test_no_key_is_in_any_process_arguments(scoring: Scoring) -> None:
    key = scoring.key.encode()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and folder.name != str(os.getpid()):
            try:
                assert key not in (folder / "cmdline").read_bytes()
            except OSError:  # the process ended while we looked
                continue
