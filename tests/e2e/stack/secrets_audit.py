"""Every place where a secret of a run could have leaked, as bytes that can be searched."""

from __future__ import annotations

import base64
import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.e2e.stack.local_stack import DEVICE, STACK, LocalStack

SECRET_MARK = "4dabf18193072939515e22adb298388d"
PLAINTEXT = "plaintext"
SHORTEST = 12


def secrets_of(stack: LocalStack) -> set[str]:
    """The plain values of everything that the stack's state holds encrypted, the deployer's own secret, and the key of
    the device, which the hub alone has."""
    state = json.loads(stack.pulumi("stack", "export", "--show-secrets").stdout)
    found = set(secret_strings(state))
    environment = dict(
        line.split("=", 1) for line in (stack.standin_state / "env").read_text().splitlines() if "=" in line
    )
    found.add(environment["AZURE_CLIENT_SECRET"].strip("'\""))
    found.add(key_of_the_device(stack))
    return {value for value in found if len(value) >= SHORTEST}


def key_of_the_device(stack: LocalStack) -> str:
    with tempfile.TemporaryDirectory() as folder:
        stack.run("edgeway", "device", "config", DEVICE, "--stack", STACK, "--out", folder)
        return base64.b64encode((Path(folder) / "device.key").read_bytes()).decode()


def secret_strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if SECRET_MARK in value and PLAINTEXT in value:
            yield from leaves(json.loads(value[PLAINTEXT]))
            return
        for item in value.values():
            yield from secret_strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from secret_strings(item)


def leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)


def places(stack: LocalStack) -> Iterator[tuple[str, bytes]]:
    """(where, content): exported state, logs, container and image metadata, image contents, process arguments."""
    yield "exported state", stack.pulumi("stack", "export").stdout.encode()
    yield "stack outputs", stack.pulumi("stack", "output", "--json").stdout.encode()
    for log in sorted(stack.standin_state.glob("**/*.log")):
        yield f"log {log.name}", log.read_bytes()
    for file in sorted((stack.root / ".artifacts").rglob("*")):
        if file.is_file():
            yield f"artifact {file.name}", file.read_bytes()
    for container in containers(stack):
        yield f"docker logs {container}", docker_bytes("logs", container)
        yield f"docker inspect {container}", docker("inspect", container).encode()
    for image in images_of(stack):
        yield f"docker history {image}", docker("history", "--no-trunc", image).encode()
        yield f"docker image inspect {image}", docker("image", "inspect", image).encode()
        yield f"contents of image {image}", docker_bytes("save", image)
    yield "process arguments", b"\n".join(arguments())


def containers(stack: LocalStack) -> list[str]:
    """Of this stack; another clone's come and go while we look."""
    return docker("ps", "-aq", "--filter", f"label=edgeway.standin={stack.instance}").split()


def images_of(stack: LocalStack) -> list[str]:
    """What the stack runs, and what the stand-in made for it; a machine may hold the images of many other runs."""
    made = docker("image", "ls", "-q", "--filter", f"label=edgeway.standin={stack.instance}").split()
    return sorted({*made, *stack.outputs()["images"].values()})


def arguments() -> Iterator[bytes]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                yield (folder / "cmdline").read_bytes()
            except OSError:  # the process ended while we looked
                continue


def spellings(secret: str) -> set[bytes]:
    """The secret as it is, JSON-escaped, and in base64 (how a secret volume carries it)."""
    plain = secret.encode()
    return {plain, json.dumps(secret)[1:-1].encode(), base64.b64encode(plain)}


def docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True).stdout


def docker_bytes(*arguments: str) -> bytes:
    # a container that never started has no log: docker says so with a status, and that is nothing to search
    result = subprocess.run(["docker", *arguments], capture_output=True, check=False)
    return result.stdout + result.stderr
