"""What this machine lacks: the tools, packages and engine that the words of the Makefile need."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from cli.needs.need import Need
from cli.stack.environment import read_env_file
from cli.stack.file import LOCAL
from cloud.wording import one_line
from contracts.names import BASE_IMAGE

_SYSTEMD_BY = {
    "1": "cgroups v1, systemd's own hierarchy",
    "2": "cgroups v2, the engine's hierarchy",
}
_TIMEOUT_SECONDS = 20
_MINIMUM_PULUMI = (3, 200)
_FREE_GB = 5.0


def needs(root: Path, stack: str) -> list[Need]:
    """What `make init` brings for such a stack."""
    tools = read_env_file(root / ".local" / "tools" / "env")
    checks = (*_CHECKS, *(_OF_LOCAL if stack == LOCAL else ()))
    return [_guarded(check, root, tools) for check in checks]


def _guarded(check: Callable[[Path, dict[str, str]], Need], root: Path, tools: dict[str, str]) -> Need:
    try:
        return check(root, tools)
    except (OSError, subprocess.TimeoutExpired) as error:
        name = check.__name__.strip("_").replace("_", " ")
        return Need(name=name, ok=False, found=f"cannot be asked: {error}", remedy="see the error")


def _python(root: Path, tools: dict[str, str]) -> Need:
    ok = (3, 11) <= sys.version_info[:2] <= (3, 13)
    remedy = "install Python 3.11 to 3.13 and `make init`"
    return Need(name="python", ok=ok, found=platform.python_version(), remedy=remedy)


def _machine(root: Path, tools: dict[str, str]) -> Need:
    found = f"{platform.system()} {platform.machine()}"
    remedy = "azure-iot-hub needs uamqp, which has wheels for Linux x86-64 only: use such a machine or container"
    return Need(name="machine", ok=found == "Linux x86_64", found=found, remedy=remedy)


def _packages(root: Path, tools: dict[str, str]) -> Need:
    lacking = []
    for name in (
        "pulumi",
        "pulumi-azure-native",
        "azure-ai-ml",
        "azure-iot-hub",
        "azure-eventhub",
        "docker",
        "onnxruntime",
    ):
        try:
            importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            lacking.append(name)
    found = f"missing: {', '.join(lacking)}" if lacking else f"pulumi {importlib.metadata.version('pulumi')} and others"
    return Need(name="python packages", ok=not lacking, found=found, remedy="`make init` installs the lock into .venv")


def _pulumi(root: Path, tools: dict[str, str]) -> Need:
    path = os.pathsep.join(filter(None, [tools.get("EDGEWAY_PULUMI"), os.environ.get("PATH", "")]))
    binary = shutil.which("pulumi", path=path)
    remedy = "`make init` finds, installs or builds it"
    if binary is None:
        return Need(name="pulumi", ok=False, found="not found", remedy=remedy, needed_by="up, preview, down")
    version = _output([binary, "version"])
    numbers = re.match(r"v?(\d+)\.(\d+)", version)
    ok = bool(numbers) and (int(numbers[1]), int(numbers[2])) >= _MINIMUM_PULUMI if numbers else False
    return Need(name="pulumi", ok=ok, found=f"{version} ({binary})", remedy=f">= 3.200 is needed; {remedy}")


def _docker(root: Path, tools: dict[str, str]) -> Need:
    import docker
    from docker.errors import DockerException

    remedy = "start the engine, or `make init` (Debian, as root) installs docker.io; DOCKER_HOST names another one"
    try:
        client = docker.from_env(timeout=_TIMEOUT_SECONDS)
        version = str(client.version().get("Version"))
    except DockerException as error:
        found = one_line(str(error), 120)
        return Need(name="docker engine", ok=False, found=found, remedy=remedy, needed_by="images, the local stack")
    return Need(name="docker engine", ok=True, found=version, remedy=remedy)


def _base_image(root: Path, tools: dict[str, str]) -> Need:
    import docker
    from docker.errors import DockerException

    remedy = f"`make init` pulls it, or makes it with mmdebstrap under the name {BASE_IMAGE}"
    try:
        image = docker.from_env(timeout=_TIMEOUT_SECONDS).images.get(BASE_IMAGE)
    except DockerException as error:
        found = one_line(str(error), 120)
        return Need(name="base image", ok=False, found=found, remedy=remedy, needed_by="images")
    return Need(name="base image", ok=True, found=f"{BASE_IMAGE} {image.short_id!s}", remedy=remedy)


def _virtual_machines(root: Path, tools: dict[str, str]) -> Need:
    """Of the local stack: each boots systemd in a container without privileges, in one of two ways."""
    import docker
    from docker.errors import DockerException

    name, needed_by = "virtual machines", "devices of host kind vm on the local stack"
    try:
        version = str(docker.from_env(timeout=_TIMEOUT_SECONDS).info().get("CgroupVersion", "1"))
    except DockerException as error:
        return Need(
            name=name, ok=False, found=one_line(str(error), 120), remedy="start the engine", needed_by=needed_by
        )
    remedy = (
        f"the engine's cgroups must be of version {' or '.join(_SYSTEMD_BY)}; EDGEWAY_NO_VM=1 leaves their tests out"
    )
    found = f"systemd boots in containers by {_SYSTEMD_BY.get(version, f'no way: cgroups are of version {version}')}"
    # a stack without such a device wants none: that is said, and fails nothing
    return Need(name=name, ok=version in _SYSTEMD_BY or None, found=found, remedy=remedy, needed_by=needed_by)


def _registry(root: Path, tools: dict[str, str]) -> Need:
    binary = tools.get("EDGEWAY_REGISTRY") or shutil.which("docker-registry")
    remedy = "`make init` takes Debian's docker-registry or unpacks registry:2"
    found = binary or "not found"
    return Need(name="registry", ok=bool(binary), found=found, remedy=remedy, needed_by="the local stack")


def _git(root: Path, tools: dict[str, str]) -> Need:
    binary = shutil.which("git")
    found = _output([binary, "--version"]).removeprefix("git version ") if binary else "not found"
    return Need(name="git", ok=bool(binary), found=found, remedy="install git", needed_by="clones, previews")


def _disk(root: Path, tools: dict[str, str]) -> Need:
    free = shutil.disk_usage(root).free / 1e9
    remedy = f"{_FREE_GB:g} GB are needed; `docker system df` and `make clean` help"
    return Need(name="free disk", ok=free >= _FREE_GB, found=f"{free:.1f} GB", remedy=remedy, needed_by="images")


_CHECKS: tuple[Callable[[Path, dict[str, str]], Need], ...] = (
    _machine,
    _python,
    _packages,
    _git,
    _pulumi,
    _docker,
    _disk,
)
_OF_LOCAL: tuple[Callable[[Path, dict[str, str]], Need], ...] = (_base_image, _registry, _virtual_machines)


def _output(command: Sequence[str]) -> str:
    result = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_SECONDS, check=False)
    return (result.stdout or result.stderr).strip()
