"""docs/from-training-to-endpoint.md as its reader follows it: commands by section, entries in their places."""

from __future__ import annotations

import re
from typing import Any

import yaml

from clone.root import ROOT

PAGE = ROOT / "docs" / "from-training-to-endpoint.md"
BEFORE_THE_MODELS, AFTER_THE_MODELS = "  edgeway:models:\n", "  edgeway:layers:\n"


def sections() -> dict[str, str]:
    """Text by number."""
    _, *parts = re.split(r"^## (\d)\. ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def blocks(kind: str, section: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", sections()[section], re.MULTILINE | re.DOTALL)


def with_entries(stack_file: str) -> str:
    """A stack file with what the page puts into it, where the page says."""
    cluster, model = blocks("yaml", "1")
    for entry, before in ((cluster, BEFORE_THE_MODELS), (model, AFTER_THE_MODELS)):
        assert stack_file.count(before) == 1
        stack_file = stack_file.replace(before, entry + before)
    return stack_file


def config_of(stack_file: str) -> dict[str, Any]:
    """As Pulumi reads it, to whom `on` is a text."""
    tree: dict[str, Any] = yaml.load(stack_file, _AsPulumi)["config"]
    return tree


class _AsPulumi(yaml.SafeLoader):
    pass


_AsPulumi.yaml_implicit_resolvers = {
    first: resolvers for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items() if first not in "oO"
}
