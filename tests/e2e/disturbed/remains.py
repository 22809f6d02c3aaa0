"""What a stack has and what a machine has of it, kind by kind, to be held against what it should be."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from glob import glob
from pathlib import Path
from typing import Any

from cli.commands.leftovers import flat
from infra.provider.services.check_container import LABEL_CLONE
from tests.e2e.disturbed.victims import ancestors, arguments, standin
from tests.e2e.stack.local_stack import STACK, LocalStack

_CHANGES = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{10,}")
"""Ids and digests."""
STATE_FILE = Path(".pulumi", "stacks", "edgeway", f"{STACK}.json")
Found = Counter[str]
"""`kind name` -> how many; digests are left out of the names, as a retrain changes them."""


def found(stack: LocalStack, temporary: Path) -> Found:
    kinds = (_alive(stack), _in_hub(stack), _in_registry(stack), _in_docker(stack), _on_the_machine(stack, temporary))
    return Found(_of(*one.split(" ", 1)) for kind in kinds for one in kind)


def differences(now: Found, wanted: Found) -> list[str]:
    """What is there and should not be (+), and the other way (-)."""
    more = [f"+{count} {what}" for what, count in sorted((now - wanted).items())]
    return more + [f"-{count} {what}" for what, count in sorted((wanted - now).items())]


def _alive(stack: LocalStack) -> Iterator[str]:
    """By the stand-in's own inventory; the plane of IoT Hub and registry included."""
    if not standin(stack):
        return
    for kind, names in flat(stack.control("GET", "resources")).items():
        yield from (_of(kind, name) for name in names)


def _in_hub(stack: LocalStack) -> Iterator[str]:
    """Identities and configurations, by Microsoft's SDK."""
    if standin(stack) and (stack.root / ".local" / "pulumi" / "state" / STATE_FILE).exists():
        host = (stack.outputs().get("hub") or {}).get("host")
        if host:  # an `up` that failed has none
            yield from stack.run("python", "-m", "tests.e2e.disturbed.hub", host).stdout.splitlines()


def _in_registry(stack: LocalStack) -> Iterator[str]:
    yield from (f"tag {one}" for one in tags(stack))


def _in_docker(stack: LocalStack) -> Iterator[str]:
    label = f"label=edgeway.standin={stack.instance}"
    asked: Mapping[str, list[str]] = {
        "container": ["ps", "-a", "--format", "{{.Names}} {{.State}}"],
        "network": ["network", "ls", "--format", "{{.Name}}"],
        "volume": ["volume", "ls", "--format", "{{.Name}}"],
    }
    for kind, words in asked.items():
        yield from (_of(kind, row) for row in _docker(*words, "--filter", label))
    yield from (
        _of("check container", row) for row in _docker("ps", "-aq", "--filter", f"label={LABEL_CLONE}={stack.root}")
    )


def _docker(*words: str) -> list[str]:
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=True).stdout.splitlines()


def there(pattern: str) -> list[Path]:
    """Unlike Path's, this glob passes over folders that others take away meanwhile."""
    return [Path(name) for name in glob(pattern, recursive=True)]  # noqa: PTH207


def tags(stack: LocalStack) -> set[str]:
    """Of the registry, on the disk of the stand-in: `<repository>:<tag>`."""
    found = there(f"{stack.standin_state}/registry/**/_manifests/tags/*")
    return {f"{folder.parents[2].name}:{folder.name}" for folder in found}


def _on_the_machine(stack: LocalStack, temporary: Path) -> Iterator[str]:
    yield from (_of("temporary", path.name) for path in temporary.iterdir())
    for place in (stack.root / ".artifacts", stack.root / ".local" / "data"):
        yield from (_of("temporary", path.name) for path in there(f"{place}/**/.part-*"))
    state = stack.root / ".local" / "pulumi" / "state" / ".pulumi"
    yield from (_of("lock", path.name) for path in there(f"{state}/locks/**/*.json"))
    yield from (_of("process", " ".join(arguments(pid)[1:4])) for pid in _strays(stack))
    if not standin(stack):
        yield from (_of("port", str(port)) for port in _taken(stack))


def _strays(stack: LocalStack) -> Iterator[int]:
    """Processes that work in this clone and belong neither to the stand-in nor to who asks, as its reader does."""
    for folder in Path("/proc").iterdir():
        words = arguments(int(folder.name)) if folder.name.isdigit() else []
        with suppress(OSError):
            is_of_the_clone = words and (folder / "cwd").readlink() == stack.root
            if is_of_the_clone and _is_of_a_command(words) and os.getpid() not in ancestors(int(folder.name)):
                yield int(folder.name)


def _is_of_a_command(words: list[str]) -> bool:
    line = " ".join(words)
    return any(one in line for one in ("infra.provider", "standin.plugin", "pulumi", ".train", "tools.engine"))


def _taken(stack: LocalStack) -> Iterator[int]:
    with suppress(OSError, ValueError):
        ports = json.loads((stack.standin_state / "ports.json").read_text())
        for name in ("proxy", "tls", "registry", "plain"):
            with socket.socket() as tried:
                tried.settimeout(1.0)
                if tried.connect_ex(("127.0.0.1", ports[name])) == 0:
                    yield ports[name]


def _of(kind: str, name: str) -> str:
    return f"{kind} {_CHANGES.sub('*', name)}"


def unfinished(stack: LocalStack) -> list[str]:
    """What the engine's state says is not done: operations that were cut off, and rows that wait to be deleted."""
    file = stack.root / ".local" / "pulumi" / "state" / STATE_FILE
    if not file.exists():
        return []
    latest: dict[str, Any] = json.loads(file.read_text())["checkpoint"]["latest"] or {}
    pending = [f"pending {one['type']} {one['resource']['urn']}" for one in latest.get("pending_operations") or ()]
    return pending + [f"to be deleted {one['urn']}" for one in latest.get("resources") or () if one.get("delete")]
