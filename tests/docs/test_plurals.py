"""Where a line for the user counts something, one is no plural: `1 message`, not `1 messages`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from clone.root import ROOT
from contracts.syntax import tree_of
from tools.guests import is_guest

FOLDERS = ("cli", "clone", "cloud", "contracts", "edge", "images", "infra", "models", "policies", "tools")
PLURAL = re.compile(
    r" (?:(?:golden|more|of|other) )?"
    r"(?:column|device|example|field|group|image|layer|line|message|model|module|other|quer(?:ie)|repeat|request|"
    r"resource|route|row|scorer|stack|step)s\b"
)
NEVER_ONE = {
    "cli/forecast/losses.py": "{number} resources",  # beyond those that are named
    "cli/stack/outputs.py": "{len(served)} models",
    "infra/provider/types/edge_deployment.py": "{len(metrics)} queries",  # above what is allowed
    "models/anomaly/model.py": "{len(features)} rows",  # of a training
    "models/table/card.py": "{len(rows)} rows",
    "models/ready.py": "{len(several)} rows",
    "tools/replace_page/page.py": "{len(program)} resources",
}
"""By file: what is behind a condition that leaves one out."""


def counted_things(path: str) -> Iterator[str]:
    """`{expression} things`, as it stands in the f-strings of a file; `%d things`, as a log has it."""
    for node in ast.walk(tree_of(path, (ROOT / path).read_bytes())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from (f"%d{found[0]}" for text in node.value.split("%d")[1:] if (found := PLURAL.match(text)))
        if isinstance(node, ast.JoinedStr):
            for value, text in zip(node.values, node.values[1:], strict=False):
                if isinstance(value, ast.FormattedValue) and isinstance(text, ast.Constant):
                    number, found = ast.unparse(value.value), PLURAL.match(str(text.value))
                    if found and not re.search(r"\b[A-Z]{2}[A-Z_]+\b", number):
                        yield f"{{{number}}}{found[0]}"


def test_a_number_stands_before_a_plural_only_where_it_is_never_one() -> None:
    files = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") if not is_guest(path)]
    names = [path.relative_to(ROOT).as_posix() for path in files]
    found = {(name, thing) for name in names for thing in counted_things(name)}
    assert found == {*NEVER_ONE.items()}


def test_a_constant_is_known_and_a_number_is_not(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text(
        'print(f"{len(rows)} rows", f"{LEAST} rows", f"{name!r} rows over", f"{number} of messages", "%d rows")\n'
    )
    assert {*counted_things(str(file))} == {"{len(rows)} rows", "{name} rows", "{number} of messages", "%d rows"}
