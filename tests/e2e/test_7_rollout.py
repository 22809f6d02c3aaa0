"""What `edgeway rollout wait` says of a device that cannot run what is wanted, and of one that is not there."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.e2e.figures import TABLE
from tests.e2e.stack.local_stack import DEVICE, LocalStack

pytestmark = pytest.mark.faults


@contextmanager
def crashing_sensor(stack: LocalStack) -> Iterator[None]:
    command = ("python", "-m", "tests.e2e.stack.foreign_deployment", stack.outputs()["hub"]["host"], DEVICE)
    stack.run(*command, "up")
    try:
        yield
    finally:
        stack.run(*command, "down")


def test_a_module_that_crashes_is_named_with_its_last_log_line_before_the_time_is_over(stack: LocalStack) -> None:
    began = time.monotonic()
    with crashing_sensor(stack):
        ended = stack.run("edgeway", "rollout", "wait", "--timeout-s", "400", check=False, limit_s=450)
    took = time.monotonic() - began
    TABLE.add("a module that ends at each start", "named, with its last log line", f"after {took:.0f} s")
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert f"NOT  {DEVICE}  cannot: module 'sensor' is backoff" in ended.stdout
    assert "exit code 2, 3 restarts" in " ".join(ended.stdout.split())
    assert "sensor | " in ended.stdout and "MessageCount is 'plenty'" in ended.stdout
    assert took < 200
    assert stack.run("edgeway", "rollout", "wait").stdout == f"1 of 1 device as wanted\n  ok   {DEVICE}  anomaly\n"


def test_a_layer_of_which_no_device_is_there_to_get_a_change_fails_and_says_so(stack: LocalStack) -> None:
    path = f"devices/{stack.outputs()['hub']['host']}/{DEVICE}/cut"
    stack.control("POST", path, {"upstream": "cut"})
    try:
        with crashing_sensor(stack):
            ended = stack.run("edgeway", "rollout", "wait", "--json", "--timeout-s", "120", check=False)
    finally:
        stack.control("POST", path, {"upstream": "on"})
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert ended.stderr.splitlines()[-1] == "edgeway: no device of layer 'anomaly' is connected"
    (device,) = json.loads(ended.stdout)["devices"]
    assert (device["device"], device["state"], device["logs"]) == (DEVICE, "away", [])
    stack.run("edgeway", "rollout", "wait")
