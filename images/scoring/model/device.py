"""On what ONNX Runtime computes: the CPU or, in the image for GPUs, one of NVIDIA's by CUDA.

Entry scripts name the CPU, as they were written for it: where the image has both, each session that they make is made
on the device that was chosen, whatever they name.
https://onnxruntime.ai/docs/execution-providers/CUDA-ExecutionProvider.html
"""

from __future__ import annotations

import ctypes
import importlib.util
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from images.scoring.errors import StartError

log = logging.getLogger("scoring.device")

AUTO, CPU, CUDA = DEVICES = ("auto", "cpu", "cuda")
VARIABLE = "SCORING_DEVICE"
IMAGE = "scoring_gpu"
_PROVIDERS = {CPU: ["CPUExecutionProvider"], CUDA: ["CUDAExecutionProvider", "CPUExecutionProvider"]}
_LIBRARY = "libonnxruntime_providers_cuda.so"
# a graph of one Add
_TRIED = bytes.fromhex(
    "08083a350a0e0a01780a017812017922034164641201705a0f0a0178120a0a08080112040a020801620f0a0179120a0a08080112040a0208014204"
    "0a00100d"
)


class Device:
    """The one that was chosen."""

    def __init__(self, name: str, *, chosen: bool) -> None:
        self.name = name
        self.chosen = chosen
        """Whether the image has another one: callers are told then."""
        self.sessions = 0

    def take(self) -> None:
        """From now on each session of ONNX Runtime in this process is made here."""
        import onnxruntime

        device, wanted = self, _PROVIDERS[self.name]

        class Session(onnxruntime.InferenceSession):  # type: ignore[misc]
            def __init__(
                self,
                path_or_bytes: Any,
                sess_options: Any = None,
                providers: Any = None,
                provider_options: Any = None,
                **others: Any,
            ) -> None:
                super().__init__(path_or_bytes, sess_options, wanted, None, **others)
                # else what fails on the GPU would be done on the CPU, and nobody told
                self.disable_fallback()
                if (got := self.get_providers())[0] != wanted[0]:
                    raise RuntimeError(f"ONNX Runtime made a session on {got[0]}, wanted is {wanted[0]}")
                device.sessions += 1

        onnxruntime.InferenceSession = Session

    def check(self, wanted: str) -> None:
        """After the script's `init`; raises StartError where `cuda` was asked for and nothing is computed there."""
        if wanted == CUDA and not self.sessions:
            raise StartError(f"{VARIABLE} is {CUDA}, but the entry script makes no session of ONNX Runtime in init()")


def choose(wanted: str, *, missing: Callable[[], str | None] | None = None) -> Device:
    """`wanted` is one of DEVICES; `missing` says why there is no GPU to compute on, None where there is one. Raises
    StartError for `cuda` that cannot be had, with the reason."""
    if not _has_cuda():
        if wanted == CUDA:
            raise StartError(
                f"{VARIABLE} is {CUDA}, but the ONNX Runtime of this image has the CPU alone; {IMAGE} has both"
            )
        return Device(CPU, chosen=False)
    reason = None if wanted == CPU else (missing or _missing)()
    if reason is not None and wanted == CUDA:
        raise StartError(f"{VARIABLE} is {CUDA}, but {reason}")
    if reason is not None:
        log.info("on the CPU: %s", reason)
    device = Device(CPU if wanted == CPU or reason is not None else CUDA, chosen=True)
    device.take()
    return device


def _has_cuda() -> bool:
    """Whether ONNX Runtime has the provider; it is looked for and not imported, which takes a tenth of a second."""
    found = importlib.util.find_spec("onnxruntime")
    return found is not None and found.origin is not None and (Path(found.origin).parent / "capi" / _LIBRARY).is_file()


def _missing() -> str | None:
    return _driver_missing() or _provider_missing()


def _driver_missing() -> str | None:
    """https://docs.nvidia.com/cuda/cuda-driver-api/group__CUDA__INITIALIZE.html"""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError as error:
        return f"there is no driver of NVIDIA here: {error}"
    if code := driver.cuInit(0):
        text = ctypes.c_char_p()
        driver.cuGetErrorString(code, ctypes.byref(text))
        return f"NVIDIA's driver finds no GPU that it can use: {(text.value or b'?').decode()} ({code})"
    return None


def _provider_missing() -> str | None:
    """Tried, as ONNX Runtime goes to the CPU with no more than a line on the error output."""
    import numpy as np
    import onnxruntime

    onnxruntime.preload_dlls()
    try:
        session = onnxruntime.InferenceSession(_TRIED, providers=_PROVIDERS[CUDA])
        session.disable_fallback()
        session.run(None, {"x": np.ones(1, np.float32)})
    except Exception as error:
        return f"ONNX Runtime cannot compute there: {error}"
    got = session.get_providers()[0]
    return None if got == _PROVIDERS[CUDA][0] else f"ONNX Runtime took {got}: its lines above say why"
