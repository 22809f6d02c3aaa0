"""Gate: an image passes once, which the registry remembers; who finds that needs no Docker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from infra.provider.services.check_container import CheckLimits, Finding
from infra.provider.services.container_registry import ContainerRegistry
from infra.provider.types import gate
from infra.provider.types.gate import Gate, GateInputs
from pluginbase.resource import Gone, ProviderError
from tests.infra.provider.recorder import Recorder, checked, refused

REPOSITORY = "edgeway/anomaly"
NO_ENGINE = "tcp://127.0.0.1:1"
GOOD = Finding(passed=True, examples=3, memory_mb=90.5, start_seconds=1.25, latency_ms=0.75)
MEASURED = {"memoryPeakMb": 90.5, "startedInSeconds": 1.25, "latencyMs": 0.75}


def news(ref: str, **other: Any) -> dict[str, Any]:
    return checked(Gate(), {"ref": ref, "memoryMb": 512, "timeoutMs": 2000, **other})


@pytest.fixture
def ref(registry: str) -> str:
    """An image that is in the registry: a manifest without content stands for it."""
    calls = ContainerRegistry(Recorder(), registry)
    calls.annotate(REPOSITORY, "image", {"this is": "the image"})
    return f"{registry}/{REPOSITORY}@{calls.digest(REPOSITORY, 'image')}"


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[CheckLimits]:
    """In the place of the engine: every image that is run passes."""
    return runs_find(monkeypatch, GOOD)


def runs_find(monkeypatch: pytest.MonkeyPatch, finding: Finding) -> list[CheckLimits]:
    ran: list[CheckLimits] = []

    @contextmanager
    def engine(purpose: str) -> Iterator[None]:
        yield None

    def run_check(ctx: object, client: object, ref: str, limits: CheckLimits) -> Finding:
        ran.append(limits)
        return finding

    monkeypatch.setattr(gate, "engine", engine)
    monkeypatch.setattr(gate, "have_image", lambda *_: None)
    monkeypatch.setattr(gate, "run_check", run_check)
    return ran


def test_bad_inputs_are_refused_by_name() -> None:
    given = {"ref": "cr.example/edgeway/anomaly:latest", "memoryMb": 1, "timeoutMs": 0, "network": "no"}
    paths = {failure.path for failure in refused(Gate(), given)}
    assert paths == {"ref", "memoryMb", "timeoutMs", "network"}


def test_another_image_limit_or_gate_has_another_tag() -> None:
    good = {"ref": f"cr.example/a@sha256:{'1' * 64}", "memoryMb": 512, "timeoutMs": 2000}
    others: list[dict[str, Any]] = [
        {},
        {"ref": f"cr.example/a@sha256:{'2' * 64}"},
        {"memoryMb": 256},
        {"timeoutMs": 1},
        {"bodyLimitMb": 2},
        {"batchRows": 2},
        {"startSeconds": 60},
        {"network": True},
        {"version": 2},
    ]
    tags = [GateInputs.of({**good, **other}).tag for other in others]
    assert len(set(tags)) == len(others)
    assert GateInputs.of({**good, "ref": f"elsewhere.example/b@sha256:{'1' * 64}"}).tag == tags[0]
    # fixed: another recipe would run every image again
    assert tags[0] == "gate-2a28ad79ee77"


def test_with_changed_limits_the_reference_is_known_in_a_preview() -> None:
    """So nothing that depends on it shows as changed: no place restarts for it."""
    before, after = (news(f"cr.example/a@sha256:{'1' * 64}", memoryMb=memory) for memory in (512, 256))
    told = Gate().preview_update(Recorder(), "a", before, after, {**before, **MEASURED})
    assert told["ref"] == before["ref"]
    assert set(told) & set(MEASURED) == set()


@pytest.mark.slow
def test_an_image_is_run_once_and_then_known_by_its_second_tag(
    ref: str, registry: str, runs: list[CheckLimits], monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = news(ref)
    id, outputs = Gate().create(Recorder(), inputs)
    assert (id, outputs) == (REPOSITORY, {**inputs, **MEASURED})
    assert runs == [
        CheckLimits(memory_mb=512, timeout_ms=2000, body_limit_mb=1, batch_rows=1, start_seconds=20, network=False)
    ]
    tag = GateInputs.of(inputs).tag
    assert ContainerRegistry(Recorder(), registry).digest(REPOSITORY, tag) == ref.partition("@")[2]
    # a second clone, without an engine
    monkeypatch.undo()
    monkeypatch.setenv("DOCKER_HOST", NO_ENGINE)
    assert Gate().create(Recorder(), inputs) == (id, outputs)
    assert Gate().read(Recorder(), id, inputs, outputs) == (id, inputs, outputs)


@pytest.mark.slow
def test_changed_limits_run_it_again(ref: str, runs: list[CheckLimits]) -> None:
    inputs, smaller = news(ref), news(ref, memoryMb=128)
    id, outputs = Gate().create(Recorder(), inputs)
    assert Gate().update(Recorder(), id, inputs, smaller, outputs) == {**smaller, **MEASURED}
    Gate().update(Recorder(), id, smaller, inputs, outputs)
    assert [one.memory_mb for one in runs] == [512, 128]


@pytest.mark.slow
def test_what_has_not_passed_is_never_skipped_for_want_of_an_engine(ref: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", NO_ENGINE)
    with pytest.raises(ProviderError) as told:
        Gate().create(Recorder(), news(ref))
    assert "The gate runs edgeway/anomaly there, which has not passed it with these limits: start it" in str(told.value)


@pytest.mark.slow
def test_what_does_not_pass_is_told_and_gets_no_tag(ref: str, registry: str, monkeypatch: pytest.MonkeyPatch) -> None:
    runs_find(monkeypatch, Finding(passed=False, reason="init() of score.py failed\n  score.py, line 3, in init"))
    inputs = news(ref)
    with pytest.raises(ProviderError) as told:
        Gate().create(Recorder(), inputs)
    assert str(told.value).splitlines() == [
        "edgeway/anomaly does not pass the gate: init() of score.py failed",
        "  score.py, line 3, in init",
        "Nothing that serves this model was changed: its registered model, places and devices are as before.",
    ]
    assert ContainerRegistry(Recorder(), registry).digest(REPOSITORY, GateInputs.of(inputs).tag) is None


@pytest.mark.slow
def test_that_the_cpu_alone_was_asked_of_an_image_for_gpus_is_told(ref: str, monkeypatch: pytest.MonkeyPatch) -> None:
    runs_find(monkeypatch, replace(GOOD, device="cpu"))
    ctx = Recorder()
    Gate().create(ctx, news(ref))
    assert ctx.logs == ["edgeway/anomaly has passed the gate on the CPU; what it says on a GPU nobody has asked"]


@pytest.mark.slow
def test_a_model_without_golden_examples_is_told(ref: str, monkeypatch: pytest.MonkeyPatch) -> None:
    runs_find(monkeypatch, Finding(passed=True))
    ctx = Recorder()
    Gate().create(ctx, news(ref))
    assert ctx.logs == ["edgeway/anomaly has no golden example: the gate has loaded it and asked it nothing"]


@pytest.mark.slow
@pytest.mark.usefixtures("runs")
def test_the_tag_goes_with_the_image_and_what_was_measured_with_the_gate(
    ref: str, registry: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = news(ref)
    given, calls = GateInputs.of(inputs), ContainerRegistry(Recorder(), registry)
    id, outputs = Gate().create(Recorder(), inputs)
    for _ in range(2):
        Gate().delete(Recorder(), id, inputs, outputs)
    assert calls.digest(REPOSITORY, given.measured_tag) is None
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("DOCKER_HOST", NO_ENGINE)
        assert Gate().create(Recorder(), inputs)[1] == inputs
    assert Gate().create(Recorder(), inputs)[1] == {**inputs, **MEASURED}
    calls.delete(REPOSITORY, given.image_digest)
    assert calls.digest(REPOSITORY, given.tag) is None
    with pytest.raises(Gone):
        Gate().read(Recorder(), id, inputs, outputs)
