"""docs/from-training-to-endpoint.md, every command as it stands, in its order, at the local stack."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator

import pytest

from tests.docs.training.page import blocks, sections, with_entries
from tests.e2e.figures import TABLE
from tests.e2e.stack.local_stack import LocalStack

pytestmark = pytest.mark.azureml

MODEL = "mnist_keras"
LIMIT_S = 1800


@pytest.fixture(scope="module")
def reader() -> Iterator[LocalStack]:
    """A clone whose stack file has the page's entries."""
    stack = LocalStack()
    with stack.stack_file() as file:
        file.write_text(with_entries(file.read_text(encoding="utf-8")), encoding="utf-8")
        yield stack


def run(stack: LocalStack, section: str) -> str:
    """What its commands print, each block in a shell that has seen the first."""
    begin, said = time.monotonic(), ""
    exports = blocks("sh", "1")[0].splitlines()[0]
    for block in blocks("sh", section):
        result = stack.command("bash", "-euo", "pipefail", "-c", f"{exports}\n{block}", limit_s=LIMIT_S)
        said += result.stdout + result.stderr
    title = sections()[section].partition("\n")[0]
    TABLE.add("from training to an endpoint", title, f"{time.monotonic() - begin:.0f} s")
    return said


def jobs(stack: LocalStack) -> list[str]:
    listed = json.loads(stack.run("edgeway", "job", "list", "--stack", "local", "--json").stdout)
    return sorted(job["name"] for job in listed if job["name"].startswith(MODEL) and job["status"] == "Completed")


def test_the_preview_says_what_there_will_be(reader: LocalStack) -> None:
    run(reader, "1")
    said = run(reader, "2")
    assert "everything is new" in said and MODEL in said, said


def test_the_model_is_trained_registered_and_deployed(reader: LocalStack) -> None:
    said = run(reader, "3")
    (job,) = jobs(reader)
    assert re.fullmatch(rf"{MODEL}-[0-9a-f]{{12}}-1", job)
    assert job in said and "accuracy" in said


def test_it_is_asked_by_our_commands_and_by_azures_own_sdk(reader: LocalStack) -> None:
    said = run(reader, "4")
    deployment = reader.outputs()["scoring"][MODEL]["deployment"]
    (job,) = jobs(reader)
    assert f"'job': '{job}'" in said, "the lineage in the registered model's tags"
    assert f"{{'{deployment}': 100}}" in said
    assert re.search(r"^\[7\]$", said, re.MULTILINE) and "failures  none" in said


def test_a_better_one_takes_over_and_the_old_one_is_gone(reader: LocalStack) -> None:
    before = reader.outputs()["scoring"][MODEL]["deployment"]
    said = run(reader, "5")
    assert re.search(rf"{MODEL} retrains on cpu-cluster as job {MODEL}-[0-9a-f]{{12}}", said), said
    assert "gets 10, 50, 100 % of the traffic" in said, said
    after = reader.outputs()["scoring"][MODEL]["deployment"]
    assert before != after and re.search(rf"100 %\s+{after}", said) and not re.search(rf"%\s+{before}", said)
    assert len(jobs(reader)) == 2


def test_all_of_it_goes(reader: LocalStack) -> None:
    assert "nothing is left: no resource" in run(reader, "6")
