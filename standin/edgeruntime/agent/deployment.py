"""`$edgeAgent`'s desired properties, read into what shall run, or refused with the agent's own status code.

https://learn.microsoft.com/azure/iot-edge/module-edgeagent-edgehub#edgeagent-desired-properties
https://github.com/Azure/iotedge/blob/main/edge-agent/src/Microsoft.Azure.Devices.Edge.Agent.Core/DeploymentStatusCode.cs
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from standin.containers.images import Credentials
from standin.edgeruntime.agent.create_options import read_create_options

LAST = 4_294_967_295
SCHEMA_VERSION = re.compile(r"1\.\d{1,9}(\.\d{1,9}){0,2}")
"""The agent looks at the first number alone."""
STATUSES = ("running", "stopped")
RESTART_POLICIES = ("never", "on-failure", "on-unhealthy", "always")
PULL_POLICIES = ("on-create", "never")
_IMAGE = re.compile(r"(?!\$)(?:[^/]*/)*[^/:]+(?::[^/:]+)?")
"""Of the agent's DockerConfig.cs: no tag beside a digest. `$upstream`, of nested edges, is not built here."""
MODULE_NAME = re.compile(r"[a-zA-Z0-9_-]+\Z")


class DeploymentError(ValueError):
    """400: not what the schema allows."""

    code = 400


class EmptyDeployment(DeploymentError):
    code = 417


class UnknownSchema(DeploymentError):
    code = 412


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryCredential:
    address: str
    login: Credentials


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    name: str
    image: str
    create_options: Mapping[str, Any] = field(repr=False)
    env: Mapping[str, str] = field(repr=False)
    status: str = "running"
    restart_policy: str = "always"
    pull_policy: str = "on-create"
    startup_order: int = LAST
    version: str | None = None
    settings: Mapping[str, Any] = field(repr=False)
    """As they came, for the report."""
    env_reported: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    schema_version: str
    runtime: Mapping[str, Any] = field(repr=False)
    agent: Module
    hub: Module
    modules: Mapping[str, Module]
    credentials: tuple[RegistryCredential, ...]

    def credentials_for(self, image: str) -> Credentials | None:
        """Of the registry whose address begins the image's name."""
        registry = image.partition("/")[0].lower()
        return next((each.login for each in self.credentials if each.address.lower() == registry), None)


def read_deployment(desired: Mapping[str, Any]) -> Deployment:
    if not any(not name.startswith("$") for name in desired):
        raise EmptyDeployment("This device has an empty configuration for the edge agent. Please set a deployment.")
    version = desired.get("schemaVersion")
    if not isinstance(version, str) or not SCHEMA_VERSION.fullmatch(version):
        raise UnknownSchema(f"schemaVersion {version!r} is not supported; allowed: 1.0 and 1.1")
    runtime = _object("runtime", desired.get("runtime"))
    if runtime.get("type") != "docker":
        raise DeploymentError(f"runtime.type is {runtime.get('type')!r}; allowed: docker")
    settings = _object("runtime.settings", runtime.get("settings", {}))
    system = _object("systemModules", desired.get("systemModules"))
    return Deployment(
        schema_version=version,
        runtime=runtime,
        agent=_module("systemModules", "edgeAgent", system.get("edgeAgent")),
        hub=_module("systemModules", "edgeHub", system.get("edgeHub")),
        modules={
            name: _module("modules", name, value)
            for name, value in _object("modules", desired.get("modules", {})).items()
            if value is not None
        },
        credentials=tuple(
            _credential(name, value)
            for name, value in _object(
                "runtime.settings.registryCredentials", settings.get("registryCredentials") or {}
            ).items()
        ),
    )


def _module(section: str, name: str, value: Any) -> Module:
    where = f"{section}.{name}"
    module = _object(where, value)
    if not MODULE_NAME.match(name):
        raise DeploymentError(f"{where}: the name {name!r} may hold letters, digits, '_' and '-'")
    if module.get("type") != "docker":
        raise DeploymentError(f"{where}.type is {module.get('type')!r}; allowed: docker")
    settings = _object(f"{where}.settings", module.get("settings"))
    image = settings.get("image")
    if not isinstance(image, str) or not image.strip():
        raise DeploymentError(f"{where}.settings.image is {image!r}; allowed: the name of an image")
    if not _IMAGE.fullmatch(image.strip()):
        raise DeploymentError(f"{where}.settings: Image {image.strip()} is not in the right format")
    env = _object(f"{where}.env", module.get("env") or {})
    return Module(
        name=name,
        image=image.strip(),
        create_options=_create_options(where, settings),
        env={key: _env_value(f"{where}.env.{key}", entry) for key, entry in env.items()},
        status=_status(section, f"{where}.status", module.get("status")),
        restart_policy=_choice(f"{where}.restartPolicy", module.get("restartPolicy", "always"), RESTART_POLICIES),
        pull_policy=_choice(f"{where}.imagePullPolicy", module.get("imagePullPolicy", "on-create"), PULL_POLICIES),
        startup_order=_order(f"{where}.startupOrder", module.get("startupOrder", LAST)),
        version=module.get("version"),
        settings=settings,
        env_reported=env,
    )


def _create_options(where: str, settings: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return read_create_options(settings)
    except ValueError as problem:
        raise DeploymentError(f"{where}.settings: {problem}") from problem


def _status(section: str, where: str, value: Any) -> str:
    """The agent asks it of every module, and its own has none."""
    if value is None and section == "modules":
        raise DeploymentError(f"{where} is missing; allowed: {', '.join(STATUSES)}")
    return _choice(where, value or "running", STATUSES)


def _credential(name: str, value: Any) -> RegistryCredential:
    where = f"runtime.settings.registryCredentials.{name}"
    entry = _object(where, value)
    for key in ("address", "username", "password"):
        if not isinstance(entry.get(key), str) or not entry[key]:
            raise DeploymentError(f"{where}.{key} is missing; allowed: a text")
    return RegistryCredential(address=entry["address"], login=Credentials(entry["username"], entry["password"]))


def _env_value(where: str, entry: Any) -> str:
    value = (entry.get("value") or entry.get("value", "")) if isinstance(entry, Mapping) else None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise DeploymentError(f"{where} is not {{'value': a text, number or boolean}}")


def _order(where: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LAST:
        raise DeploymentError(f"{where} is {value!r}; allowed: 0 to {LAST}")
    return value


def _choice(where: str, value: Any, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise DeploymentError(f"{where} is {value!r}; allowed: {', '.join(allowed)}")
    return str(value)


def _object(where: str, value: Any) -> Mapping[str, Any]:
    """The value itself stays out of the message: environments and credentials hold secrets."""
    if not isinstance(value, Mapping):
        raise DeploymentError(f"{where} is {'missing' if value is None else type(value).__name__}; allowed: an object")
    return value
