"""The scoring image for GPUs, built whole (3 GB), on a machine without one: it serves on the CPU, says so, and refuses
to be told otherwise (`make test-gpu-image`). It has never run on a GPU.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest
from docker.models.containers import Container
from docker.models.images import Image

from contracts.names import SCORING_PORT
from infra.provider.services.check_container import CheckLimits, run_check
from infra.provider.services.docker_engine import engine as engine_of_the_gate
from tests.images.containers import address, built, until_ready
from tests.images.scoring.conftest import NORMAL
from tests.infra.provider.recorder import Recorder
from tests.waiting import DEADLINE_S, until

pytestmark = [
    pytest.mark.gpu_image,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

REFUSED = "SCORING_DEVICE is cuda, but there is no driver of NVIDIA here: libcuda.so.1: "
# what the loader misses of the provider, by the kernel's own way to load it
LOADS = """
import onnxruntime, pathlib, subprocess
onnxruntime.preload_dlls()
capi = pathlib.Path(onnxruntime.__file__).parent / "capi"
found = {str(file.parent) for file in capi.parents[1].glob("nvidia/**/*.so*")}
command = ["/lib64/ld-linux-x86-64.so.2", str(capi / "libonnxruntime_providers_cuda.so")]
asked = {"LD_TRACE_LOADED_OBJECTS": "1", "LD_LIBRARY_PATH": ":".join(sorted(found))}  # as ldd does it
listed = subprocess.run(command, env=asked, capture_output=True, text=True)
print(*onnxruntime.get_available_providers())
print("missing:", *(line.split()[0] for line in listed.stdout.splitlines() if "not found" in line))
"""
Start = Callable[..., Container]


@pytest.fixture(scope="module")
def image(engine: docker.DockerClient, artifact: Path) -> Iterator[Image]:
    if "nvidia" in engine.info().get("Runtimes", {}):
        pytest.skip("this machine's Docker gives GPUs")
    for made in built(engine, "scoring_gpu", artifact):
        print(f"{made.attrs['Size'] / 1e9:.2f} GB")
        yield made


def test_it_serves_on_the_cpu_and_each_answer_says_so(image: Image, run: Start) -> None:
    container = run(image, user="10001:10001")
    url = f"http://{address(container, SCORING_PORT)}"
    until_ready(f"{url}/ready")
    with urllib.request.urlopen(f"{url}/ready", timeout=DEADLINE_S) as ready:
        assert json.load(ready)["device"] == "cpu"
    with urllib.request.urlopen(f"{url}/score", json.dumps(NORMAL).encode(), timeout=DEADLINE_S) as answer:
        assert answer.headers["x-scoring-device"] == "cpu"
    with urllib.request.urlopen(f"{url}/metrics", timeout=DEADLINE_S) as metrics:
        assert ',device="cpu"} 1' in metrics.read().decode()
    log = container.logs().decode()
    assert "on the CPU: there is no driver of NVIDIA here: libcuda.so.1: " in log
    assert " on cpu, golden examples agree: 10" in log


def test_it_refuses_cuda_with_the_reason(image: Image, run: Start) -> None:
    container = run(image, user="10001:10001", environment={"SCORING_DEVICE": "cuda"})
    until("the reason is in its log", lambda: f"not ready: {REFUSED}" in container.logs().decode())


def test_the_gate_lets_it_through_on_the_cpu_and_says_so(image: Image) -> None:
    limits = CheckLimits(memory_mb=512, timeout_ms=2000, body_limit_mb=1, batch_rows=1, start_seconds=60, network=False)
    with engine_of_the_gate() as client:
        found = run_check(Recorder(), client, str(image.id), limits)
    assert (found.passed, found.device, found.examples) == (True, "cpu", 10), found


def test_of_what_the_cuda_provider_is_linked_with_only_the_driver_is_missing(
    engine: docker.DockerClient, image: Image
) -> None:
    said = engine.containers.run(
        str(image.id), ["python", "-c", LOADS], user="10001:10001", read_only=True, network_mode="none", remove=True
    ).decode()
    assert "CUDAExecutionProvider" in said
    assert "Failed to load" not in said
    # the host's, which its container toolkit brings
    assert said.splitlines()[-1] == "missing: libcuda.so.1"
