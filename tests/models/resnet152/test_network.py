"""The network: its parameters, the reader of checkpoints, and the graph against the layers one by one.

No published weights are at hand here: what they give is not tested. Checkpoints are written as torch.save does it, by
Python's own pickle with torch's names.
"""

from __future__ import annotations

import io
import pickle
import sys
import types
import zipfile
from collections import OrderedDict
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx.reference import ReferenceEvaluator

from models.resnet152.data import weights_of
from models.resnet152.graph import export
from models.resnet152.model import Hyperparameters, labels
from models.resnet152.network import FULL_WIDTH, body, features
from models.resnet152.weights import EPSILON, checked, seeded
from models.source import DataError
from models.torchvision.checkpoint import drawn, read
from models.torchvision.onnx_graph import folded

NARROW = 1


class _Storage:
    def __init__(self, key: int, numbers: NDArray[Any]) -> None:
        self.key, self.numbers = key, numbers


class _Tensor:
    def __init__(self, storage: _Storage, shape: tuple[int, ...]) -> None:
        self.storage, self.shape = storage, shape

    def __reduce__(self) -> tuple[Any, ...]:
        strides = tuple(int(np.prod(self.shape[place + 1 :])) for place in range(len(self.shape)))
        return sys.modules["torch._utils"]._rebuild_tensor_v2, (
            self.storage, 0, self.shape, strides, False, OrderedDict(),
        )  # fmt: skip


@pytest.fixture
def torch(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """The names that a pickle of torch.save has."""
    module, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")

    def _rebuild_tensor_v2() -> None: ...

    class FloatStorage: ...

    for thing, owner in ((_rebuild_tensor_v2, utils), (FloatStorage, module)):
        thing.__module__, thing.__qualname__ = owner.__name__, thing.__name__
        setattr(owner, thing.__name__, thing)
    monkeypatch.setitem(sys.modules, "torch", module)
    monkeypatch.setitem(sys.modules, "torch._utils", utils)
    return module


def saved(torch: types.ModuleType, tensors: dict[str, NDArray[Any]], more: Any = None) -> bytes:
    class Pickler(pickle.Pickler):
        def persistent_id(self, thing: Any) -> Any:
            if not isinstance(thing, _Storage):
                return None
            return ("storage", torch.FloatStorage, str(thing.key), "cpu", thing.numbers.size)

    table: dict[str, Any] = OrderedDict(
        (name, _Tensor(_Storage(key, value), value.shape)) for key, (name, value) in enumerate(tensors.items())
    )
    if more is not None:
        table["more"] = more
    content, buffer = io.BytesIO(), io.BytesIO()
    Pickler(content, protocol=2).dump(table)
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("net/data.pkl", content.getvalue())
        for key, value in enumerate(tensors.values()):
            archive.writestr(f"net/data/{key}", value.astype("<f4").tobytes())
    return buffer.getvalue()


def test_the_network_has_the_published_number_of_parameters() -> None:
    kernels = sum(one.outputs * (one.inputs * one.kernel**2 + 2) for one in body(FULL_WIDTH).convolutions)
    assert kernels + 1000 * (features(FULL_WIDTH) + 1) == 60_192_808


def test_a_checkpoint_gives_its_tensors_by_name(torch: types.ModuleType) -> None:
    weights = dict(seeded(NARROW, 3))
    found = weights_of(saved(torch, weights), NARROW, where="net.pth")
    assert found.keys() == weights.keys()
    assert all((found[name] == weights[name]).all() for name in weights)


def test_a_checkpoint_that_names_anything_else_is_refused_and_nothing_runs(torch: types.ModuleType) -> None:
    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return print, ("it ran",)

    with pytest.raises(DataError, match=r"net\.pth: names __builtin__\.print, which a checkpoint of weights"):
        read(saved(torch, {"fc.bias": np.zeros(3, np.float32)}, more=Evil()), where="net.pth")


def test_tensors_of_one_storage_share_it(torch: types.ModuleType) -> None:
    class Twin:
        def __reduce__(self) -> tuple[Any, ...]:
            return _Tensor(_Storage(0, numbers), numbers.shape).__reduce__()

    numbers = np.arange(4, dtype=np.float32)
    found = read(saved(torch, {"fc.bias": numbers}, more=Twin()), where="net.pth")
    assert found["more"].tolist() == numbers.tolist()
    assert np.shares_memory(found["more"], found["fc.bias"])


def archive(pickled: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("net/data.pkl", pickled)
    return file.getvalue()


NESTED = b")" + b"\x85" * 200_000


@pytest.mark.parametrize(
    ("pickled", "reason"),
    [
        (b"\x80\x02}" + NESTED + b"K\x01s.", "has a tuple where the name of a tensor is wanted"),
        (b"\x80\x02ccollections\nOrderedDict\n" + NESTED + b"R.", "is no checkpoint"),
        (b"\x80\x02" + NESTED + b".", "holds no table"),
        (b"\x80\x02}X\x01\0\0\0aK\x01s.", "holds no table"),
        (b"\x80\x02}(lp0\n.", "is no checkpoint"),
        (b"\x80\x02X\x01\0\0\0aQ.", "is no checkpoint"),
        (b"\x80\x02" + b"}" * 1_100_000, r"net/data\.pkl has 1100002 bytes, allowed are 1048576"),
    ],
)
def test_a_pickle_of_other_things_than_tensors_is_refused(pickled: bytes, reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        read(archive(pickled), where="net")


EMPTY_ARCHIVE = b"PK\x05\x06" + b"\0" * 18


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "is no checkpoint"), (b"\x80\x02.", "is no checkpoint"), (EMPTY_ARCHIVE, r"no data\.pkl")],
)
def test_what_is_no_checkpoint_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(DataError, match=f"net: .*{reason}"):
        read(content, where="net")


def test_weights_of_another_network_are_refused_with_the_first_that_differs() -> None:
    weights = dict(seeded(NARROW, 0))
    with pytest.raises(DataError, match=r"conv1\.weight is \(1, 3, 7, 7\), the network of width 2 has \(2, 3, 7, 7\)"):
        checked(weights, 2, where="net")
    del weights["fc.bias"]
    with pytest.raises(DataError, match=r"fc\.bias is missing"):
        checked(weights, NARROW, where="net")
    weights["fc.bias"] = np.full(1000, np.nan, np.float32)
    with pytest.raises(DataError, match=r"fc\.bias has a value that is no finite number"):
        checked(weights, NARROW, where="net")


def test_drawn_weights_are_the_same_each_time_and_others_with_another_seed() -> None:
    assert weights_of(drawn(5), NARROW, where="d")["fc.weight"].tobytes() == seeded(NARROW, 5)["fc.weight"].tobytes()
    assert seeded(NARROW, 5)["fc.weight"].tobytes() != seeded(NARROW, 6)["fc.weight"].tobytes()


def test_a_folded_convolution_does_what_convolution_and_normalisation_do() -> None:
    one, rng = body(4).stem, np.random.default_rng(0)
    weights = {name: rng.uniform(0.5, 2, value.shape).astype(np.float32) for name, value in seeded(4, 0).items()}
    kernel, bias = folded(one, weights, EPSILON)
    patch = rng.standard_normal((3, 7, 7))
    plain = (weights["conv1.weight"].astype(np.float64) * patch).sum(axis=(1, 2, 3))
    scale, shift, mean, variance = (
        weights[f"bn1.{part}"] for part in ("weight", "bias", "running_mean", "running_var")
    )
    expected = (plain - mean) / np.sqrt(variance.astype(np.float64) + EPSILON) * scale + shift
    assert np.allclose((kernel * patch).sum(axis=(1, 2, 3)) + bias, expected, rtol=1e-4)


def test_the_graph_is_valid_and_gives_the_same_bytes_each_time() -> None:
    model = export(seeded(NARROW, 0), NARROW, metadata={"labels": labels(), "resize": 232})
    assert model == export(seeded(NARROW, 0), NARROW, metadata={"resize": 232, "labels": labels()})
    onnx.checker.check_model(model, full_check=True)


def test_onnx_runtime_and_onnxs_own_evaluator_agree_on_the_classes() -> None:
    model = export(seeded(NARROW, 0), NARROW, metadata={})
    pixels = np.random.default_rng(0).integers(0, 256, (1, 224, 224, 3), dtype=np.uint8)
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    index, score = session.run(["index", "score"], {"image": pixels})
    evaluator = ReferenceEvaluator(onnx.load_model_from_string(model))
    slow_index, slow_score = map(np.asarray, evaluator.run(["index", "score"], {"image": pixels}))
    assert index.tolist() == slow_index.tolist()
    assert np.allclose(score, slow_score, atol=1e-4)


def test_the_labels_are_imagenets_in_their_order() -> None:
    found = labels()
    assert len(set(found)) == 1000
    assert (found[287], found[288], found[282]) == (
        ("n02127052", "lynx"), ("n02128385", "leopard"), ("n02123159", "tiger_cat"),
    )  # fmt: skip
    assert [label for label, _ in found] == sorted(label for label, _ in found)
    assert Hyperparameters().width == FULL_WIDTH
