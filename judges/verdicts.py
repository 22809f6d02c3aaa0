"""What a judge says of one operation, and whether a documented refusal is documented.

A judge writes a JSON object a line: `client`, `operation`, `expected`, `outcome` (passed, refused, failed), `told`
(what the client said), and for a refusal `row`, the id of a row of docs/parity.md (`R-...`) that says with which code.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

PASSED, REFUSED, FAILED = "passed", "refused", "failed"
_ROW = re.compile(r"\| `(R-[a-z0-9-]+)` ")
_WITH = re.compile(r"refuses with ((?:`?\w+`?(?:, | or )?)+)")
_NO_CONNECTION = "refuses the connection"
# Of Node's sockets, rhea, mqtt.js, ws and Go's net package.
_UNCONNECTED = (
    "ECONNREFUSED",
    "connection refused",
    "NotConnectedError",
    "Unexpected server response: 403",
    "Unable to establish a connection",
    "got 403",
    "Forbidden",
)


@dataclass(frozen=True)
class Verdict:
    client: str
    operation: str
    expected: str
    outcome: str
    told: str
    row: str = ""


def rows(page: Path) -> dict[str, tuple[str, ...]]:
    """Id of each row of refusals -> words of which a client must have said one. ValueError for an id of two rows, and
    for a row that does not say with what it refuses."""
    found: dict[str, tuple[str, ...]] = {}
    for line in page.read_text(encoding="utf-8").splitlines():
        if (matched := _ROW.match(line)) is None:
            continue
        name, words = matched[1], _words(line)
        if name in found or not words:
            raise ValueError(f"{page}: {name} is {'two rows' if name in found else 'a row that refuses with nothing'}")
        found[name] = words
    return found


def _words(row: str) -> tuple[str, ...]:
    words = [word for said in _WITH.findall(row) for word in re.findall(r"\w+", said) if word != "or"]
    return (*words, *(_UNCONNECTED if _NO_CONNECTION in row else ()))


def verdict(line: str, documented: Mapping[str, tuple[str, ...]]) -> Verdict | None:
    """None for a line that is no judge's."""
    try:
        said = json.loads(line)
    except ValueError:
        return None
    if not isinstance(said, dict) or "outcome" not in said:
        return None
    fields = ("client", "operation", "expected", "outcome", "told", "row")
    return _held(Verdict(**{name: str(said.get(name) or "") for name in fields}), documented)


def _held(said: Verdict, documented: Mapping[str, tuple[str, ...]]) -> Verdict:
    if said.outcome == PASSED:
        return said
    if said.outcome != REFUSED:
        return replace(said, outcome=FAILED)
    words = documented.get(said.row)
    if words is None:
        return replace(said, outcome=FAILED, told=f"docs/parity.md has no row {said.row!r}: {said.told}")
    if not any(word in said.told for word in words):
        wanted = " or ".join(words)
        return replace(said, outcome=FAILED, told=f"{said.row} says {wanted}; the client was told: {said.told}")
    return said
