"""Every field that Azure knows of every type: it is refused, or comes back as it was said.

None is taken and forgotten, but those that Microsoft's models mark as answered only: Azure ignores them, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from standin.core.arm.fields import known_fields
from standin.core.arm.groups import ResourceGroup
from standin.core.arm.paths import MISSING, find
from tests.standin.asking import Answering, of_arm, path_of
from tools.arm_fields import read_only

# the models take seconds to import, and one of their packages warns of what it imports
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

ODD = "edgewayOdd"
ENVELOPE = {"id", "name", "type", "systemData", "location", "etag", "properties", "tags", "identity"}
_LEAST = 200


def fields(known: Mapping[str, Any]) -> Iterator[str]:
    yield from (name for name in known if name not in ENVELOPE)
    for name, below in (known.get("properties") or {}).items():
        yield f"properties.{name}"
        yield from (f"properties.{name}.{one}" for one in below or () if one != "*")


def body_of(path: str) -> dict[str, Any]:
    value: Any = ODD
    for name in reversed(path.split(".")):
        value = {name: value}
    found: dict[str, Any] = value
    return found


async def test_a_field_is_refused_or_comes_back(answering: Answering) -> None:
    forgotten, asked, answered_only = {}, 0, read_only()
    for kind in [ResourceGroup(), *answering.standin.kinds]:
        told = {*answered_only.get(kind.type, ()), *kind.write_only, "properties.provisioningState"}
        for field in fields(known_fields(kind) or {}):
            patch = of_arm("PATCH", path_of(kind))
            asked += 1
            status, _, _ = await answering.answered(patch, body=body_of(field))
            assert status < 500, (kind.type, field)
            if status < 300:
                shown = json.loads(await answering.text(of_arm("GET", path_of(kind))))
                if find(shown, field) != ODD and field not in told:
                    forgotten[f"{kind.type} {field}"] = "" if find(shown, field) is MISSING else find(shown, field)
    assert forgotten == {}
    assert asked > _LEAST
