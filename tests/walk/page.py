"""Commands of docs/azure.md, as the page has them: tests run these and no copies."""

from __future__ import annotations

import json
import re
import textwrap
from typing import Any

from clone.root import ROOT

PAGE = ROOT / "docs" / "azure.md"


def block(name: str) -> str:
    """The commands that follow `<!-- walk: name -->`."""
    page = PAGE.read_text(encoding="utf-8")
    fenced = rf"^ *<!-- walk: {re.escape(name)} -->\n *```sh\n(.*?)^ *```"
    found = re.search(fenced, page, re.DOTALL | re.MULTILINE)
    assert found is not None, f"docs/azure.md has no commands 'walk: {name}'"
    return textwrap.dedent(found[1])


def file_in(commands: str, name: str) -> str:
    """What a command writes into a file: cat > name <<END."""
    found = re.search(rf"^cat > {re.escape(name)} <<'?END'?\n(.*?)^END$", commands, re.DOTALL | re.MULTILINE)
    assert found is not None, f"docs/azure.md writes no {name}"
    return found[1]


def condition() -> str:
    return file_in(block("roles"), "condition.txt")


def deployer_actions() -> list[str]:
    """Of the custom role."""
    role: dict[str, Any] = json.loads(file_in(block("roles"), "deployer.json"))
    assert role["NotActions"] == []
    return list(role["Actions"])
