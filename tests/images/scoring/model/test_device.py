"""Which device is chosen, why not another, and that sessions are made there."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import onnxruntime
import pytest

from images.scoring.errors import StartError
from images.scoring.model import device
from images.scoring.model.device import AUTO, CPU, CUDA, Device, choose

NO_DRIVER = "there is no driver of NVIDIA here: libcuda.so.1: no such file"


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the image for GPUs, but that ONNX Runtime has no more than the CPU."""
    monkeypatch.setattr(device, "_has_cuda", lambda: True)
    monkeypatch.setattr(onnxruntime, "InferenceSession", onnxruntime.InferenceSession)  # put back at the end


def test_the_image_without_cuda_is_left_as_it_is_and_refuses_to_be_asked_for_it() -> None:
    before = onnxruntime.InferenceSession
    for wanted in (AUTO, CPU):
        chosen = choose(wanted)
        assert (chosen.name, chosen.chosen) == (CPU, False)
    assert onnxruntime.InferenceSession is before
    with pytest.raises(
        StartError, match="SCORING_DEVICE is cuda, but the ONNX Runtime of this image has the CPU alone"
    ):
        choose(CUDA)


def test_where_there_is_no_gpu_auto_takes_the_cpu_and_cuda_is_refused_with_the_reason(both: None) -> None:
    chosen = choose(AUTO, missing=lambda: NO_DRIVER)
    assert (chosen.name, chosen.chosen) == (CPU, True)
    with pytest.raises(StartError) as refused:
        choose(CUDA, missing=lambda: NO_DRIVER)
    assert str(refused.value) == f"SCORING_DEVICE is cuda, but {NO_DRIVER}"


def test_where_there_is_one_it_is_taken_unless_the_cpu_is_asked_for(both: None) -> None:
    assert [choose(wanted, missing=lambda: None).name for wanted in (AUTO, CUDA, CPU)] == [CUDA, CUDA, CPU]


def test_a_scripts_sessions_are_made_on_the_device_whatever_it_names(both: None) -> None:
    chosen = choose(CPU)
    session = onnxruntime.InferenceSession(device._TRIED, onnxruntime.SessionOptions(), ["AzureExecutionProvider"])
    assert session.get_providers() == ["CPUExecutionProvider"]
    assert session.run(["y"], {"x": np.full(1, 2, np.float32)})[0] == [4]
    assert chosen.sessions == 1


@pytest.mark.filterwarnings("ignore:Specified provider 'CUDAExecutionProvider'")
def test_a_session_that_onnx_runtime_makes_elsewhere_is_an_error(both: None) -> None:
    Device(CUDA, chosen=True).take()
    with pytest.raises(RuntimeError, match="made a session on CPUExecutionProvider, wanted is CUDAExecutionProvider"):
        onnxruntime.InferenceSession(device._TRIED, providers=["CPUExecutionProvider"])


def test_cuda_is_refused_to_a_script_that_computes_nothing_in_onnx_runtime() -> None:
    chosen = Device(CUDA, chosen=True)
    chosen.check(AUTO)
    with pytest.raises(StartError, match="SCORING_DEVICE is cuda, but the entry script makes no session"):
        chosen.check(CUDA)
    chosen.sessions = 1
    chosen.check(CUDA)


class Driver:
    """NVIDIA's, of a machine without a GPU."""

    def cuInit(self, flags: int) -> int:
        return 100

    def cuGetErrorString(self, code: int, text: Any) -> int:
        ctypes.cast(text, ctypes.POINTER(ctypes.c_char_p))[0] = b"no CUDA-capable device is detected"
        return 0


def test_a_driver_that_is_not_there_or_sees_no_gpu_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(name: str) -> ctypes.CDLL:
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", gone)
    assert device._missing() == "there is no driver of NVIDIA here: libcuda.so.1: cannot open shared object file"
    monkeypatch.setattr(ctypes, "CDLL", lambda name: Driver())
    assert device._missing() == (
        "NVIDIA's driver finds no GPU that it can use: no CUDA-capable device is detected (100)"
    )


@pytest.mark.filterwarnings("ignore:Specified provider 'CUDAExecutionProvider'")
def test_a_driver_that_is_there_is_tried_as_onnx_runtime_falls_back_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "_driver_missing", lambda: None)
    assert device._missing() == "ONNX Runtime took CPUExecutionProvider: its lines above say why"
