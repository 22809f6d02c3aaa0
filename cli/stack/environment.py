"""The environment in which a stack's commands run: set for child processes only, never for the machine.

`local` reaches the stand-in by a proxy and a CA, and keeps Pulumi's state in the clone; the others are the user's own,
with one subscription and one identity for all who ask Azure.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from cli.errors import Refused
from cli.stack import signing_in
from cli.stack.file import LOCAL, stack_document, stack_file
from clone.root import ROOT

# A lower-case proxy also catches the program's gRPC to the engine, and ends it.
_UNSET = ("https_proxy", "http_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY", "PULUMI_CONFIG_PASSPHRASE")
OUTSIDE = "EDGEWAY_OUTSIDE_"


def stack_environment(stack: str, root: Path = ROOT, outside: Mapping[str, str] = os.environ) -> dict[str, str | None]:
    """Variables to set; None means unset."""
    stack_file(stack, root)
    tools = read_env_file(root / ".local" / "tools" / "env")
    path = [str(root / ".venv" / "bin"), *filter(None, [tools.get("EDGEWAY_PULUMI")])]
    present = [part for part in outside.get("PATH", "").split(os.pathsep) if part and part not in path]
    environment: dict[str, str | None] = {
        **tools,
        "VIRTUAL_ENV": str(root / ".venv"),
        "PATH": os.pathsep.join([*path, *present]),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    if stack == LOCAL:
        return {**environment, **_local(root, outside)}
    return {**environment, **signing_in.variables(stack_document(stack, root).get("config") or {}, outside)}


def child_environment(stack: str, root: Path = ROOT) -> dict[str, str]:
    """The whole environment for a child process of the stack."""
    merged: dict[str, str | None] = {**os.environ, **stack_environment(stack, root)}
    return {name: value for name, value in merged.items() if value is not None}


def enter(stack: str, root: Path = ROOT) -> None:
    """Makes this process one of the stack's, for commands that call Azure themselves."""
    for name, value in stack_environment(stack, root).items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def standin_state(root: Path = ROOT, outside: Mapping[str, str] = os.environ) -> Path:
    return Path(outside.get("EDGEWAY_STANDIN_STATE") or root / ".local" / "standin")


def read_env_file(file: Path) -> dict[str, str]:
    """KEY=VALUE lines; a file that is not there has none."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def _local(root: Path, outside: Mapping[str, str]) -> dict[str, str | None]:
    state = standin_state(root, outside)
    standin = read_env_file(state / "env")
    if not standin:
        raise Refused(f"stack 'local': the stand-in has not run yet ({state / 'env'} is missing); `make up` starts it")
    backend = outside.get("PULUMI_BACKEND_URL", "")
    home = root / ".local" / "pulumi"
    kept = {
        f"{OUTSIDE}{name}": outside[name]
        for name in standin
        if name in outside and outside[name] != standin[name] and not name.startswith(("AZURE_", "ARM_", "EDGEWAY_"))
    }
    unset: dict[str, str | None] = {name: None for name in _UNSET if name in outside and name not in standin}
    return {
        **unset,
        **standin,
        **kept,
        "PULUMI_HOME": str(home / "home"),
        # another clone may share a backend on this machine; a backend elsewhere is not for the local stack
        "PULUMI_BACKEND_URL": backend if backend.startswith("file://") else f"file://{home / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(root / "tools" / "setup" / "local-passphrase"),
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }
