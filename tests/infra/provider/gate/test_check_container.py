"""The container of the gate, under a real Docker engine: what it is kept from, how it ends, and that it never stays."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from contracts.names import BASE_IMAGE
from infra.provider.services.check_container import LABEL_CHECK, CheckLimits, Finding, run_check
from infra.provider.services.docker_engine import build, engine, packed
from pluginbase.resource import Cancelled
from tests.infra.provider.recorder import Recorder
from tests.waiting import DEADLINE_S, until

pytestmark = pytest.mark.docker

ROOT = Path(__file__).resolve().parents[4]
DOCKERFILE = f'FROM {BASE_IMAGE}\nCOPY fake.py /fake.py\nUSER 10001\nCMD ["python", "/fake.py"]\n'
PASSED = """import json; print(json.dumps({'passed': True, 'examples': 2, 'memoryMb': 9.5, 'latencyMs': 0.25}))"""
LOOKS_AROUND = """
import json, os, re, socket, sys
def refused(action):
    try:
        action()
    except OSError as error:
        return type(error).__name__ + str(error.errno)
    return "allowed"
status = open("/proc/self/status").read()
print(json.dumps({"passed": False, "reason": json.dumps({
    "arguments": sys.argv[1:],
    "network": refused(lambda: socket.create_connection(("192.0.2.1", 80), 1)),
    "root": refused(lambda: open("/tmp/file", "w")),
    "capabilities": re.search(r"CapBnd:\\s*(\\w+)", status)[1],
    "privileges": re.search(r"NoNewPrivs:\\s*(\\d)", status)[1],
    "limits": [os.environ[f"SCORING_{name}"] for name in ("TIMEOUT_MS", "CHECK_SECONDS", "MAX_BODY_BYTES")],
    "batch": os.environ["BATCH_MAX"],
    "secrets": os.path.exists("/var/run/edgeway"),
})}))
"""
Image = Callable[[str], str]


@pytest.fixture
def image(tmp_path: Path) -> Iterator[Image]:
    """Of a script in the scoring server's place."""
    made: list[str] = []

    def make(script: str) -> str:
        (tmp_path / "Dockerfile").write_text(DOCKERFILE)
        (tmp_path / "fake.py").write_text(f"{script}\n# {uuid.uuid4()}\n")
        files = {name: tmp_path / name for name in ("Dockerfile", "fake.py")}
        with engine() as client, packed(files) as context:
            made.append(build(Recorder(), client, context, labels={}, arguments={}))
        return made[-1]

    yield make
    with engine() as client:
        for one in made:
            client.remove_image(one, force=True)


LIMITS: dict[str, Any] = {
    "memory_mb": 64,
    "timeout_ms": 2000,
    "body_limit_mb": 3,
    "batch_rows": 5,
    "start_seconds": 20,
    "network": False,
}


def limits(**other: Any) -> CheckLimits:
    return CheckLimits(**{**LIMITS, **other})


def check(ref: str, **other: Any) -> Finding:
    with engine() as client:
        finding = run_check(Recorder(), client, ref, limits(**other))
    assert left(ref) == []
    return finding


def left(ref: str) -> list[str]:
    """The containers of an image, in whatever state; one that the engine is about to remove is waited for."""
    with engine() as client:

        def there() -> list[str]:
            return [str(one["Id"]) for one in client.containers(all=True, filters={"ancestor": ref})]

        until("the container is gone", lambda: not there())
        return there()


def test_a_verdict_comes_back_with_what_was_measured(image: Image) -> None:
    assert check(image(PASSED)) == Finding(passed=True, examples=2, memory_mb=9.5, latency_ms=0.25)


def test_the_container_has_its_limits_and_nothing_else(image: Image) -> None:
    found = json.loads(check(image(LOOKS_AROUND), timeout_ms=1234).reason)
    assert found == {
        "arguments": ["--check"],
        "network": "OSError101",  # network is unreachable
        "root": "OSError30",  # read-only file system
        "capabilities": "0" * 16,
        "privileges": "1",
        "limits": ["1234", "20", "3145728"],
        "batch": "5",
        "secrets": False,
    }


def test_with_network_it_has_one(image: Image) -> None:
    found = json.loads(check(image(LOOKS_AROUND), network=True).reason)
    assert found["network"] != "OSError101"


def test_more_memory_than_the_smallest_place_has_is_told_with_the_limit(image: Image) -> None:
    finding = check(image("hog = b'x' * 200_000_000"))
    assert not finding.passed
    assert finding.reason.startswith("it was killed at 64 MB, which is the least memory that a place gives this model")


def test_an_end_without_a_verdict_is_told_with_the_last_lines(image: Image) -> None:
    script = "import sys; [print(f'line {n}', file=sys.stderr) for n in range(20)]; print('{}'); sys.exit(3)"
    told = check(image(script)).reason.splitlines()
    assert told[0] == "its process ended with exit code 3 and without a verdict"
    assert told[1:] == [f"  line {number}" for number in range(12, 20)]


def test_what_does_not_end_by_itself_is_ended(image: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.provider.services.check_container._GRACE_SECONDS", 1.0)
    finding = check(image("import time; time.sleep(3600)"), start_seconds=1)
    assert finding == Finding(passed=False, reason="it has not ended after 1 s (startSeconds of its gate)")


def test_ctrl_c_removes_the_container(image: Image) -> None:
    ref, ctx = image("import time; time.sleep(3600)"), Recorder()
    ctx.cancelled.set()
    with engine() as client, pytest.raises(Cancelled):
        run_check(ctx, client, ref, limits())
    assert left(ref) == []


KILLED = """
import sys
from infra.provider.services.check_container import CheckLimits, run_check
from infra.provider.services.docker_engine import engine
from tests.infra.provider.recorder import Recorder
with engine() as client:
    limits = dict(memory_mb=64, timeout_ms=1, body_limit_mb=1, batch_rows=1, start_seconds=20, network=False)
    run_check(Recorder(), client, sys.argv[1], CheckLimits(**limits))
"""


def test_nothing_is_left_of_a_provider_that_was_killed(image: Image) -> None:
    ref = image("import time; time.sleep(2)")
    with engine() as client, subprocess.Popen([sys.executable, "-c", KILLED, ref], cwd=ROOT) as provider:
        until("the container runs", lambda: client.containers(filters={"ancestor": ref}))
        provider.send_signal(signal.SIGKILL)
        provider.wait(DEADLINE_S)
    assert left(ref) == []


def test_what_should_have_ended_is_removed_by_the_next_run(image: Image) -> None:
    hanging = image("import time; time.sleep(3600)")
    with engine() as client:
        container = client.create_container(hanging, labels={LABEL_CHECK: "1"})["Id"]
        client.start(container)
        other = client.create_container(hanging, labels={LABEL_CHECK: "99999999999"})["Id"]
        try:
            run_check(Recorder(), client, image(PASSED), limits())
            there = {one["Id"] for one in client.containers(all=True, filters={"ancestor": hanging})}
            assert there == {other}
        finally:
            client.remove_container(other, force=True)
