"""`$edgeAgent`'s reported properties. They change only when something did: no clock is in them.

https://learn.microsoft.com/azure/iot-edge/module-edgeagent-edgehub#edgeagent-reported-properties
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from standin.core.clock import iso
from standin.edgeruntime.agent.create_options import NAME, split_chunks
from standin.edgeruntime.agent.deployment import LAST, Deployment, Module
from standin.edgeruntime.agent.plan import Observed
from standin.edgeruntime.agent.restarts import Record, runtime_status

RUNTIME_VERSION = "1.6.1"
NEVER = "0001-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Status:
    code: int
    description: str = ""


def reported(
    deployment: Deployment | None,
    *,
    status: Status,
    desired_version: int,
    observed: Mapping[str, Observed],
    records: Mapping[str, Record],
    failures: Mapping[str, str],
    powered: str,
) -> dict[str, Any]:
    """`deployment` is the one in force; `status` may speak of a later one that was refused."""
    document: dict[str, Any] = {
        "schemaVersion": "1.1",
        "version": {"version": RUNTIME_VERSION, "build": "edgeway", "commit": ""},
        "lastDesiredStatus": {"code": status.code, "description": status.description},
        "lastDesiredVersion": desired_version,
        "runtime": {"type": "docker", "platform": _platform(), "settings": {}},
        "systemModules": {"edgeAgent": _agent(deployment, powered)},
        "modules": {},
    }
    if deployment is None:
        return document
    settings = deployment.runtime.get("settings", {})
    known = ("minDockerVersion", "loggingOptions")  # never the registry's credentials
    document["runtime"]["settings"] = {name: settings[name] for name in known if name in settings}
    document["systemModules"]["edgeHub"] = _module(deployment.hub, observed, records, failures)
    document["modules"] = {
        name: _module(module, observed, records, failures) for name, module in deployment.modules.items()
    }
    return document


def _platform() -> dict[str, str]:
    return {"os": "linux", "architecture": "x86_64", "version": RUNTIME_VERSION}


def _agent(deployment: Deployment | None, powered: str) -> dict[str, Any]:
    document: dict[str, Any] = {
        "type": "docker",
        "runtimeStatus": "running",
        "statusDescription": "running",
        "exitCode": 0,
        "lastStartTimeUtc": powered,
        "lastExitTimeUtc": NEVER,
        "imagePullPolicy": "on-create",
        "settings": {"image": "unknown", "imageHash": "", NAME: "{}"},
        "env": {},
    }
    if deployment is not None:
        document["settings"] = {"image": deployment.agent.image, "imageHash": "", NAME: "{}"}
        document["env"] = dict(deployment.agent.env_reported)
    return document


def _module(
    module: Module, observed: Mapping[str, Observed], records: Mapping[str, Record], failures: Mapping[str, str]
) -> dict[str, Any]:
    there, record = observed.get(module.name), records.get(module.name, Record())
    document: dict[str, Any] = {
        "type": "docker",
        "status": module.status,
        "restartPolicy": module.restart_policy,
        "imagePullPolicy": module.pull_policy,
        "restartCount": record.restarts,
        "lastRestartTimeUtc": iso(record.last_restart) if record.last_restart else NEVER,
        "settings": {
            # what runs: another image, where what is wanted could not be pulled (Azure/iotedge, DockerEnvironment.cs)
            "image": (there.made_of if there else "") or module.image,
            "imageHash": there.image if there else "",
            **split_chunks(module.create_options),
        },
        "env": dict(module.env_reported),
        **_runtime(module, there, record, failures.get(module.name)),
    }
    if module.version is not None:
        document["version"] = module.version
    if module.startup_order != LAST:
        document["startupOrder"] = module.startup_order
    return document


def _runtime(module: Module, there: Observed | None, record: Record, failure: str | None) -> dict[str, Any]:
    if there is None:
        return {
            "runtimeStatus": "unknown",
            "statusDescription": failure or "",
            "exitCode": 0,
            "lastStartTimeUtc": NEVER,
            "lastExitTimeUtc": NEVER,
        }
    status = runtime_status(there.state, there.exit_code, module.restart_policy, record, desired=module.status)
    return {
        "runtimeStatus": status,
        "statusDescription": failure or there.state,
        "exitCode": there.exit_code,
        "lastStartTimeUtc": there.started or NEVER,
        "lastExitTimeUtc": there.finished or NEVER,
    }
