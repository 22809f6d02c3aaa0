"""Entries for a stack's file: as text to print, and added to the file's own text, so that its comments stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from cli.errors import Refused

Entry = Mapping[str, Any]


def text_of(entries: Mapping[str, Entry]) -> str:
    """Key of the configuration -> what is added to its list, as a reader would write it."""
    return "\n".join(f"  edgeway:{key}:\n{_item(entry, 4)}" for key, entry in entries.items())


def added(file: Path, entries: Mapping[str, Entry]) -> str:
    """The file's text with an entry more in each list; raises Refused where a list is not one of lines."""
    text = file.read_text("utf-8").rstrip("\n") + "\n"
    for key, entry in entries.items():
        text = _with_entry(file, text, key, entry)
    return text


def _with_entry(file: Path, text: str, key: str, entry: Entry) -> str:
    lines = text.splitlines()
    node = _list(file, text, key)
    if node is None:
        changed = [*lines[: _end_of_config(text, lines)], f"  edgeway:{key}:", *_item(entry, 4).splitlines()]
        changed += lines[_end_of_config(text, lines) :]
    else:
        # a list of lines ends where the next key begins: comments and blank lines before that are the next key's
        end = min(node.end_mark.line, len(lines))
        while end > node.start_mark.line + 1 and _is_apart(lines[end - 1]):
            end -= 1
        changed = [*lines[:end], *_item(entry, node.start_mark.column).splitlines(), *lines[end:]]
    result = "\n".join(changed) + "\n"
    _check(file, text, result, key, entry)
    return result


def _list(file: Path, text: str, key: str) -> yaml.SequenceNode | None:
    config = _value(_root(file, text), "config")
    node = _value(config, f"edgeway:{key}") if config is not None else None
    if node is not None and not (isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value):
        raise Refused(
            f"{file.name}: edgeway:{key} is not written as a list of lines that begin with '- '; add this to it:\n"
            f"{_item({'...': '...'}, 4)}"
        )
    return node


def _root(file: Path, text: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise Refused(f"{file.name} is no YAML: {' '.join(str(error).split())}") from None


def _value(node: yaml.Node | None, key: str) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for name, value in node.value if name.value == key), None)


def _end_of_config(text: str, lines: Sequence[str]) -> int:
    config = _value(yaml.compose(text, Loader=yaml.SafeLoader), "config")
    end = min(config.end_mark.line, len(lines)) if config is not None else len(lines)
    while end and _is_apart(lines[end - 1]):
        end -= 1
    return end


def _is_apart(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _item(entry: Entry, indent: int) -> str:
    """`- name: x` and the other keys below, values in one line."""
    words = [f"{name}: {_flow(value)}" for name, value in entry.items()]
    first, *others = words
    return "\n".join([f"{' ' * indent}- {first}", *(f"{' ' * (indent + 2)}{word}" for word in others)])


def _flow(value: Any) -> str:
    text: str = yaml.safe_dump(value, default_flow_style=True, width=10_000, sort_keys=False)
    return text.removesuffix("\n...\n").strip()


def _check(file: Path, before: str, after: str, key: str, entry: Entry) -> None:
    wanted, name = yaml.safe_load(before), f"edgeway:{key}"
    wanted["config"][name] = [*wanted["config"].get(name, []), yaml.safe_load(yaml.safe_dump(dict(entry)))]
    if yaml.safe_load(after) != wanted:
        raise Refused(f"{file.name} is written in a way that an entry cannot be added to; add it to edgeway:{key}:\n"
                      f"{_item(entry, 4)}")  # fmt: skip
