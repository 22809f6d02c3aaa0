from __future__ import annotations

from typing import Any

from infra.provider.progress import Progress, PushedLayers
from tests.infra.provider.recorder import Recorder


def entry(layer: str, status: str, current: int = 0, total: int = 0) -> dict[str, Any]:
    return {"id": layer, "status": status, "progressDetail": {"current": current, "total": total} if total else {}}


def test_a_push_is_told_over_all_layers_and_never_passes_its_end() -> None:
    pushed = PushedLayers()
    assert pushed.add(entry("a", "Preparing")) == "0 of 1 layer"
    assert pushed.add(entry("b", "Preparing")) == "0 of 2 layers"
    assert pushed.add(entry("a", "Pushing", 5_000_000, 10_000_000)) == "0 of 2 layers, 5.0 of 10.0 MB"
    assert pushed.add(entry("b", "Pushing", 1_000_000, 2_000_000)) == "0 of 2 layers, 6.0 of 12.0 MB"
    # the tar around a layer makes it longer than the layer
    assert pushed.add(entry("b", "Pushing", 2_200_000, 2_000_000)) == "0 of 2 layers, 7.0 of 12.0 MB"
    assert pushed.add(entry("a", "Pushed")) == "1 of 2 layers, 12.0 of 12.0 MB"
    assert pushed.add(entry("b", "Layer already exists")) == "2 of 2 layers, 12.0 of 12.0 MB"


def test_a_push_that_is_tried_again_does_not_go_back() -> None:
    pushed = PushedLayers()
    pushed.add(entry("a", "Pushing", 8_000_000, 10_000_000))
    assert pushed.add(entry("a", "Pushing", 1_000_000, 10_000_000)) == "0 of 1 layer, 8.0 of 10.0 MB"
    pushed.add(entry("a", "Pushed"))
    assert pushed.add(entry("a", "Waiting")) == "1 of 1 layer, 10.0 of 10.0 MB"


def test_what_comes_faster_than_a_reader_follows_is_left_out() -> None:
    ctx = Recorder()
    progress = Progress(ctx)
    for number in range(100):
        progress.tell(f"line {number}")
    assert ctx.statuses == ["line 0"]
