"""Property values: Pulumi's wire form <-> plain Python.

Secrets, unknowns and assets travel as structs with a signature:
https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/sig/sig.go
In Python a map is a dict, an unknown is `UNKNOWN`, an asset or archive is an `Asset`, and which places are secret is a
set of paths beside the values (so that code that handles them needs no wrapper types).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf import struct_pb2

Properties = dict[str, Any]
Path = tuple[str | int, ...]

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - Pulumi's marker, no secret of anyone
ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"
REFERENCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"

UNKNOWN_STRING: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
# The engine marks an unknown by the type it would have, where it knows that type.
_UNKNOWN_STRINGS: Final = frozenset(
    {
        UNKNOWN_STRING,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # bool
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)


class Unknown:
    """A value that only `up` will know. Using it as a condition is a defect, so that raises."""

    def __repr__(self) -> str:
        return "<unknown>"

    def __bool__(self) -> bool:
        raise TypeError("an unknown value was used as a condition: test it with has_unknown() first")

    def __deepcopy__(self, memo: object) -> Unknown:
        return self

    def __copy__(self) -> Unknown:
        return self


UNKNOWN: Final = Unknown()


@dataclass(frozen=True, slots=True)
class Asset:
    """An asset or archive as the engine sent it; two are equal when their contents are."""

    archive: bool
    fields: Properties

    @property
    def hash(self) -> str:
        return str(self.fields.get("hash", ""))

    @property
    def path(self) -> str | None:
        return self.fields.get("path")

    @property
    def text(self) -> str | None:
        return self.fields.get("text")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Asset) and self.archive == other.archive and self.hash == other.hash

    def __hash__(self) -> int:
        return hash((self.archive, self.hash))


def load(fields: struct_pb2.Struct) -> tuple[Properties, set[Path]]:
    """Plain values, and the paths of those that were marked secret: `({"password": "x"}, {("password",)})`.

    A whole number comes as int, an unknown as UNKNOWN. Raises ValueError for a signature that is not known here.
    """
    secrets: set[Path] = set()
    return {name: _load(value, (name,), secrets) for name, value in fields.fields.items()}, secrets


def _load(value: struct_pb2.Value, path: Path, secrets: set[Path]) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return UNKNOWN if value.string_value in _UNKNOWN_STRINGS else value.string_value
    if kind == "bool_value":
        return value.bool_value
    if kind == "number_value":
        return int(value.number_value) if value.number_value.is_integer() else value.number_value
    if kind == "list_value":
        return [_load(item, (*path, index), secrets) for index, item in enumerate(value.list_value.values)]
    if kind == "struct_value":
        return _load_struct(value.struct_value, path, secrets)
    return None


def _load_struct(struct: struct_pb2.Struct, path: Path, secrets: set[Path]) -> Any:
    fields = struct.fields
    signature = fields[SIGNATURE].string_value if SIGNATURE in fields else None
    if signature is None:
        return {name: _load(item, (*path, name), secrets) for name, item in fields.items()}
    if signature == SECRET:
        secrets.add(path)
        return _load(fields["value"], path, secrets)
    if signature == OUTPUT:
        if "secret" in fields and fields["secret"].bool_value:
            secrets.add(path)
        return _load(fields["value"], path, secrets) if "value" in fields else UNKNOWN
    if signature in (ASSET, ARCHIVE):
        return _load_asset(struct, archive=signature == ARCHIVE)
    if signature == REFERENCE:
        return fields["urn"].string_value
    raise ValueError(f"the engine sent a value of signature {signature!r}, which this plugin does not know")


def _load_asset(struct: struct_pb2.Struct, *, archive: bool) -> Asset:
    from google.protobuf import json_format  # costs a tenth of a plugin's start, and assets are rare

    content: Properties = json_format.MessageToDict(struct)
    del content[SIGNATURE]
    return Asset(archive, content)


def dump(values: Properties, secrets: Set[Path] = frozenset()) -> struct_pb2.Struct:
    """The wire form; what lies at one of `secrets` is wrapped as a secret: `dump({"password": "x"}, {("password",)})`.

    Raises TypeError for what is no property value.
    """
    return struct_pb2.Struct(fields={name: _dump(value, (name,), secrets) for name, value in values.items()})


def _dump(value: Any, path: Path, secrets: Set[Path]) -> struct_pb2.Value:
    if path in secrets:
        wrapped = {
            SIGNATURE: struct_pb2.Value(string_value=SECRET),
            "value": _dump(value, path, frozenset()),
        }
        return struct_pb2.Value(struct_value=struct_pb2.Struct(fields=wrapped))
    if value is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if value is UNKNOWN:
        return struct_pb2.Value(string_value=UNKNOWN_STRING)
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, int | float):
        return struct_pb2.Value(number_value=value)
    if isinstance(value, str):
        return struct_pb2.Value(string_value=value)
    return _dump_collection(value, path, secrets)


def _dump_collection(value: Any, path: Path, secrets: Set[Path]) -> struct_pb2.Value:
    if isinstance(value, Asset):
        return _dump_asset(value)
    if isinstance(value, dict):
        fields = {str(key): _dump(item, (*path, key), secrets) for key, item in value.items()}
        return struct_pb2.Value(struct_value=struct_pb2.Struct(fields=fields))
    if isinstance(value, list | tuple):
        items = [_dump(item, (*path, index), secrets) for index, item in enumerate(value)]
        return struct_pb2.Value(list_value=struct_pb2.ListValue(values=items))
    raise TypeError(f"{'.'.join(map(str, path))}: a {type(value).__name__} is no property value")


def _dump_asset(asset: Asset) -> struct_pb2.Value:
    from google.protobuf import json_format

    struct = struct_pb2.Struct()
    json_format.ParseDict({**asset.fields, SIGNATURE: ARCHIVE if asset.archive else ASSET}, struct)
    return struct_pb2.Value(struct_value=struct)


def has_unknown(value: Any) -> bool:
    """Whether an unknown lies anywhere in the value: `has_unknown({"a": [UNKNOWN]})`."""
    if value is UNKNOWN:
        return True
    if isinstance(value, dict):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(has_unknown(item) for item in value)
    return False


def at(values: Any, path: Iterable[str | int]) -> Any:
    """What lies at a path, None where nothing does: `at({"a": [1]}, ("a", 0))` is 1."""
    for step in path:
        if isinstance(values, dict):
            values = values.get(step)
        elif isinstance(values, list) and isinstance(step, int) and step < len(values):
            values = values[step]
        else:
            return None
    return values


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every scalar below a value, with its path: `list(leaves({"a": [1]}))` is `[(("a", 0), 1)]`."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))
    else:
        yield path, value
