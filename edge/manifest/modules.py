"""Modules, registry credentials and deployments as typed values, and the `modulesContent` they make.

Values that an infrastructure engine only promises (an image's digest, a password) may stand where `object` is written:
they are passed on untouched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from edge.manifest.container import Container
from edge.manifest.create_options import chunked
from edge.manifest.ports import DeviceFile, Port, with_ports
from edge.manifest.routes.route import Route

AGENT, HUB = "$edgeAgent", "$edgeHub"
SCHEMA_VERSION = "1.1"
DEFAULT_TTL_SECONDS = 7200

Status = Literal["running", "stopped"]
RestartPolicy = Literal["never", "on-failure", "on-unhealthy", "always"]
PullPolicy = Literal["on-create", "never"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Module(Container):
    image: object
    env: Mapping[str, object] = field(default_factory=dict)
    version: str = "1.0"
    status: Status = "running"
    restart_policy: RestartPolicy = "always"
    image_pull_policy: PullPolicy | None = None
    startup_order: int | None = None
    desired: Mapping[str, Any] | None = None
    """Its desired properties as a whole, in place of what deployments below set."""
    desired_parts: Mapping[str, Any] = field(default_factory=dict)
    """Parts of them, each by its path with dots; what other deployments set beside them stays."""
    ports: tuple[Port, ...] = ()
    """That it publishes."""
    files: tuple[DeviceFile, ...] = ()
    """Of the device, beside the key files of its ports."""

    def docker(self) -> dict[str, Any]:
        return with_ports(Container.docker(self), self.ports, self.files)

    def content(self) -> dict[str, Any]:
        value: dict[str, Any] = {
            "type": "docker",
            "version": self.version,
            "status": self.status,
            "restartPolicy": self.restart_policy,
            "settings": {"image": self.image, **chunked(self.docker())},
        }
        return {**value, **_optional(self.env, self.image_pull_policy, self.startup_order)}


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemModule(Container):
    image: object
    env: Mapping[str, object] = field(default_factory=dict)

    def content(self) -> dict[str, Any]:
        settings = {"image": self.image, **chunked(self.docker())}
        return {"type": "docker", "settings": settings, **_optional(self.env, None, None)}


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryCredential:
    address: object
    username: object
    password: object


def base_content(
    *,
    agent: SystemModule,
    hub: SystemModule,
    credentials: Mapping[str, RegistryCredential] | None = None,
    modules: Mapping[str, Module] | None = None,
    routes: Mapping[str, Route] | None = None,
    time_to_live_seconds: int = DEFAULT_TTL_SECONDS,
) -> dict[str, Any]:
    """`modulesContent` of a base deployment: system modules, registries, and modules that every device runs."""
    registries = {
        name: {"address": entry.address, "username": entry.username, "password": entry.password}
        for name, entry in (credentials or {}).items()
    }
    settings = {"minDockerVersion": "v1.25", "loggingOptions": "", "registryCredentials": registries}
    agent_desired = {
        "schemaVersion": SCHEMA_VERSION,
        "runtime": {"type": "docker", "settings": settings},
        "systemModules": {
            "edgeAgent": agent.content(),
            "edgeHub": {**hub.content(), "status": "running", "restartPolicy": "always"},
        },
        "modules": {name: module.content() for name, module in (modules or {}).items()},
    }
    hub_desired = {
        "schemaVersion": SCHEMA_VERSION,
        "routes": {name: route.content() for name, route in (routes or {}).items()},
        "storeAndForwardConfiguration": {"timeToLiveSecs": time_to_live_seconds},
    }
    content: dict[str, Any] = {AGENT: {"properties.desired": agent_desired}, HUB: {"properties.desired": hub_desired}}
    return {**content, **_own_properties(modules or {})}


def layer_content(
    *, modules: Mapping[str, Module] | None = None, routes: Mapping[str, Route] | None = None
) -> dict[str, Any]:
    """`modulesContent` of a layered deployment: dotted keys only, so that other layers keep what they set."""
    content: dict[str, Any] = {
        AGENT: {f"properties.desired.modules.{name}": module.content() for name, module in (modules or {}).items()}
    }
    if routes:
        content[HUB] = {f"properties.desired.routes.{name}": route.content() for name, route in routes.items()}
    return {**content, **_own_properties(modules or {})}


def module_names(content: Mapping[str, Any]) -> Sequence[str]:
    """The modules that a base or a layer deploys (system modules not counted)."""
    agent = content.get(AGENT)
    if not isinstance(agent, Mapping):
        return ()
    whole = agent.get("properties.desired")
    modules = whole.get("modules") if isinstance(whole, Mapping) else None
    prefix = "properties.desired.modules."
    dotted = [str(key)[len(prefix) :] for key in agent if str(key).startswith(prefix)]
    return (*(modules if isinstance(modules, Mapping) else ()), *dotted)


def _own_properties(modules: Mapping[str, Module]) -> dict[str, Any]:
    properties = {name: _section(module) for name, module in modules.items()}
    return {name: section for name, section in properties.items() if section}


def _section(module: Module) -> dict[str, Any]:
    whole = {} if module.desired is None else {"properties.desired": dict(module.desired)}
    return {**whole, **{f"properties.desired.{path}": value for path, value in module.desired_parts.items()}}


def _optional(env: Mapping[str, object], pull: PullPolicy | None, order: int | None) -> dict[str, Any]:
    value: dict[str, Any] = {}
    if env:
        value["env"] = {name: {"value": entry} for name, entry in env.items()}
    if pull is not None:
        value["imagePullPolicy"] = pull
    if order is not None:
        value["startupOrder"] = order
    return value
