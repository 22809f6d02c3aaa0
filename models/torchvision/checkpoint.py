"""Weights of a published checkpoint, read without torch and without running anything in it; or of a seed.

A checkpoint is a zip archive of one pickle and of the numbers' bytes, a file a tensor:
https://pytorch.org/docs/stable/notes/serialization.html. The pickle may name four things and nothing else.
"""

from __future__ import annotations

import io
import pickle
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from models.source import DataError, Source, run

Weights = Mapping[str, NDArray[np.float32]]
_DRAWN = b"weights of seed "
_MOST_BYTES = 512 * 1024 * 1024
_MOST_OF_PICKLE = 1024 * 1024
"""It has names and sizes alone, 200 KB of a large network; a byte of it can make an object of 100."""

# little-endian, as the archive's files are
_TYPES = {"FloatStorage": "<f4", "HalfStorage": "<f2", "LongStorage": "<i8"}


class _Table(dict[str, Any]):
    """An OrderedDict as it is written: empty, then filled by names."""

    def __init__(self) -> None:
        super().__init__()

    def __setitem__(self, name: str, value: Any) -> None:
        if not isinstance(name, str):
            raise DataError(f"has a {type(name).__name__} where the name of a tensor is wanted")
        super().__setitem__(name, value)


class _Storage:
    """Stands for torch.FloatStorage and its like."""

    def __init__(self, kind: str) -> None:
        self.kind = kind


# What torch.save writes of a table of tensors, in protocols 2 to 5; see pickletools.
_OPCODES = (
    pickle.PROTO, pickle.FRAME, pickle.STOP, pickle.MARK, pickle.NONE, pickle.NEWTRUE, pickle.NEWFALSE,
    pickle.BININT, pickle.BININT1, pickle.BININT2, pickle.LONG1, pickle.BINUNICODE, pickle.SHORT_BINUNICODE,
    pickle.EMPTY_TUPLE, pickle.TUPLE, pickle.TUPLE1, pickle.TUPLE2, pickle.TUPLE3, pickle.SETITEM, pickle.SETITEMS,
    pickle.BINPUT, pickle.LONG_BINPUT, pickle.MEMOIZE, pickle.BINGET, pickle.LONG_BINGET,
    pickle.GLOBAL, pickle.STACK_GLOBAL, pickle.REDUCE, pickle.BINPERSID,
)  # fmt: skip


class _Reader(pickle._Unpickler):
    """Python's own in Python: the one in C takes every opcode, and a key of 100,000 nested tuples ends the process."""

    dispatch: ClassVar[dict[int, Any]] = {
        **{ord(one): pickle._Unpickler.dispatch[ord(one)] for one in _OPCODES},
        ord(pickle.EMPTY_DICT): lambda self: self.append(_Table()),
        # the attributes of a table: torch's versions of its layers
        ord(pickle.BUILD): lambda self: self.stack.pop(),
    }

    def __init__(self, content: bytes, archive: zipfile.ZipFile, folder: str) -> None:
        super().__init__(io.BytesIO(content))
        self._archive, self._folder = archive, folder
        self._storages: dict[int, bytes] = {}

    def find_class(self, module: str, name: str) -> Any:
        if module == "torch" and name in _TYPES:
            return _Storage(_TYPES[name])
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if (module, name) == ("collections", "OrderedDict"):
            return _Table
        raise DataError(f"names {module}.{name}, which a checkpoint of weights does not need")

    def persistent_load(self, pid: Any) -> NDArray[Any]:
        _, storage, key, _, count = pid
        if not isinstance(storage, _Storage):
            raise DataError(f"tensor {key} names no storage")
        numbers = np.frombuffer(self._storage(int(key)), dtype=storage.kind)
        if len(numbers) != count:
            raise DataError(f"tensor {key} has {len(numbers)} numbers, {count} are declared")
        return numbers

    def _storage(self, key: int) -> bytes:
        """Once: any number of tensors may lie in one."""
        if key not in self._storages:
            self._storages[key] = self._archive.read(f"{self._folder}/data/{key}")
        return self._storages[key]


def _tensor(numbers: NDArray[Any], offset: int, size: Any, stride: Any, *_: Any) -> NDArray[Any]:
    count = int(np.prod(size))
    laid_out = min(size, default=0) >= 0 and tuple(stride) == _contiguous(size)
    if not laid_out or offset + count > len(numbers) or offset < 0:
        raise DataError(f"a tensor of {tuple(size)} at {offset} with strides {tuple(stride)} is not laid out in rows")
    return numbers[offset : offset + count].reshape(size)


def _contiguous(size: Any) -> tuple[int, ...]:
    strides, step = [], 1
    for length in reversed(size):
        strides.append(step)
        step *= length
    return tuple(reversed(strides))


def read(content: bytes, *, where: str) -> dict[str, NDArray[Any]]:
    """Every tensor of the checkpoint by its name. Raises DataError."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _MOST_BYTES:
                raise DataError(f"unpacks to more than {_MOST_BYTES} bytes")
            name = next(entry for entry in archive.namelist() if entry.endswith("/data.pkl"))
            if (size := archive.getinfo(name).file_size) > _MOST_OF_PICKLE:
                raise DataError(f"{name} has {size} bytes, allowed are {_MOST_OF_PICKLE}")
            tensors = _Reader(archive.read(name), archive, name.removesuffix("/data.pkl")).load()
    except DataError as error:
        raise DataError(f"{where}: {error}") from error
    except StopIteration:
        raise DataError(f"{where}: has no data.pkl: not a checkpoint of torch.save") from None
    except Exception as error:  # a broken archive or pickle can end in any of them (the docs of pickle and of zlib)
        raise DataError(f"{where}: is no checkpoint as torch.save writes it since 1.6: {error}") from error
    if not isinstance(tensors, dict) or not all(
        isinstance(name, str) and isinstance(one, np.ndarray) for name, one in tensors.items()
    ):
        raise DataError(f"{where}: holds no table of tensors")
    return dict(tensors)


def checked(
    tensors: Mapping[str, NDArray[Any]], shapes: Mapping[str, tuple[int, ...]], *, where: str, network: str
) -> Weights:
    """As float32, each of the shape that the network, called so, has. Raises DataError with the first that is not."""
    for name, shape in shapes.items():
        found = tensors[name].shape if name in tensors else None
        if found != shape:
            raise DataError(f"{where}: {name} is {found or 'missing'}, {network} has {shape}")
        if not np.isfinite(tensors[name]).all():
            raise DataError(f"{where}: {name} has a value that is no finite number")
    return {name: tensors[name].astype(np.float32) for name in shapes}


def drawn(seed: int) -> bytes:
    """What stands for a checkpoint where weights are drawn of a seed."""
    return _DRAWN + b"%d\n" % seed


@dataclass(frozen=True, slots=True)
class Published:
    """What a network is made of: a published checkpoint by its URL and SHA-256, a file of one, or a seed. There is no
    training: the file `data.csv` of other models is the checkpoint itself, or the line of a seed."""

    model: str
    checked: Callable[..., Weights]
    """Of tensors, a width and `where` they are from. Raises DataError."""
    seeded: Callable[[int, int], Weights]
    """Of a width and a seed."""

    def weights_of(self, content: bytes, width: int, *, where: str) -> Weights:
        """Raises DataError."""
        if not content.startswith(_DRAWN):
            return self.checked(read(content, where=where), width, where=where)
        number = content.removeprefix(_DRAWN).strip()
        if not number.isdigit():
            raise DataError(f"{where}: the seed is {number[:20]!r}, a whole number is wanted")
        return self.seeded(width, int(number))

    @property
    def source(self) -> Source:
        return Source(
            model=self.model,
            make=lambda seed, rows: drawn(seed),
            read=_read,
            rows=1,
            fewest_rows=1,
            most_rows=1,
            maximum_bytes=300 * 1024 * 1024,
            seed_help="of drawn weights, which know nothing (default 0)",
        )

    def main(self, argv: list[str] | None = None) -> int:
        return run(self.source, argv)


def _read(content: bytes, where: str) -> bytes:
    if not content.startswith(_DRAWN):
        read(content, where=where)
    return content
