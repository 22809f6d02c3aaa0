"""The clone that the command belongs to, and the files of the stacks that it has."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from cli.errors import Refused
from clone.root import ROOT

LOCAL = "local"
_STACK = re.compile(r"[A-Za-z0-9_.-]{1,100}")


def stack_file(stack: str, root: Path = ROOT) -> Path:
    if not _STACK.fullmatch(stack):
        raise Refused(f"stack {stack!r}: letters, digits and _ . - are allowed")
    file = root / f"Pulumi.{stack}.yaml"
    if not file.is_file():
        there = sorted(path.name[len("Pulumi.") : -len(".yaml")] for path in root.glob("Pulumi.*.yaml"))
        raise Refused(f"stack {stack!r}: {file.name} is missing; there are: {', '.join(there) or 'none'}")
    return file


def stack_config(stack: str, root: Path = ROOT) -> dict[str, Any]:
    """`edgeway:` of the stack file, keys without the prefix."""
    file, document = stack_file(stack, root), stack_document(stack, root)
    config = document.get("config")
    if not isinstance(config, dict):
        raise Refused(f"{file.name} has no 'config'")
    prefix = "edgeway:"
    return {key[len(prefix) :]: value for key, value in config.items() if str(key).startswith(prefix)}


def stack_document(stack: str, root: Path = ROOT) -> dict[str, Any]:
    """The whole stack file."""
    import yaml

    file = stack_file(stack, root)
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise Refused(f"{file.name} cannot be read: {error.strerror}") from error
    except RecursionError as error:
        raise Refused(f"{file.name} is nested too deep") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Refused(f"{file.name} is no YAML: {' '.join(str(error).split())}") from error
    return document if isinstance(document, dict) else {}
