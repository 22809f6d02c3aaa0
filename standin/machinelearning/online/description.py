"""A deployment's body, checked and typed.

https://learn.microsoft.com/azure/machine-learning/reference-yaml-deployment-managed-online
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from standin.containers.probes import Probe
from standin.machinelearning.kinds.durations import seconds

MODELS = "/var/azureml-app/azureml-models"
"""Where models are mounted unless `modelMountPath` says otherwise."""
_PORT = 5001
_ROUTES: Mapping[str, str] = {"liveness": "/", "readiness": "/", "scoring": "/score"}
"""Of Azure ML's own inference server, for an environment that does not say otherwise."""
_MOST_TIMEOUT_S = 180
_MOST_TIMEOUT_ON_KUBERNETES_S = 300
_MOST_PROBE_S = 300
_PROBE = {"initialDelay": 10.0, "period": 10.0, "timeout": 2.0}
_THRESHOLDS = {"failureThreshold": 30, "successThreshold": 1}


class Wrong(ValueError):
    """What of a body is wrong: its field as the service names it, and why."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field
        self.why = why


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A probe over HTTP."""

    path: str
    port: int
    initial_delay_s: float
    period_s: float
    timeout_s: float
    failures: int
    successes: int

    @property
    def gives_up_after_s(self) -> float:
        return self.initial_delay_s + self.failures * (self.period_s + self.timeout_s)

    def probe(self) -> Probe:
        return Probe(
            path=self.path,
            port=self.port,
            initial_delay_seconds=self.initial_delay_s,
            period_seconds=self.period_s,
            timeout_seconds=self.timeout_s,
            failure_threshold=self.failures,
            success_threshold=self.successes,
        )


class Replica(msgspec.Struct, frozen=True, kw_only=True):
    """What an instance runs: where any of it changes, it takes new containers."""

    image: str
    variables: dict[str, str]
    instance_type: str
    port: int
    """Of scoring."""
    liveness: Asked
    readiness: Asked
    model: str | None
    """ARM id of the version."""
    model_path: str | None
    """Where its files are mounted."""
    cpu: float | None = None
    """Cores that it gets at the most; None: those of its machine, as of the memory."""
    memory_gb: float | None = None


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    concurrent: int
    """Requests of one instance that run at once."""
    timeout_s: float
    """From a request's arrival to its answer."""
    queue_s: float | None
    """How long one waits for its turn; None: as long as it has time at all."""


def replica_of(properties: Mapping[str, Any], environment: Mapping[str, Any], model: str | None) -> Replica:
    """`environment`: properties of the version; Wrong where anything does not fit."""
    image = environment.get("image")
    if not image or not isinstance(image, str):
        raise Wrong("EnvironmentId", "The environment has no image; only those with an image run here.")
    routes = environment.get("inferenceConfig") or {}
    paths = {name: _route(routes, name) for name in _ROUTES}
    path = _model_path(properties, model) if model else None
    variables = _variables(properties) | ({"AZUREML_MODEL_DIR": path} if path else {})
    return Replica(
        image=image,
        variables=variables,
        instance_type=str(properties.get("instanceType")),
        port=paths["scoring"][1],
        liveness=_asked(properties, "livenessProbe", *paths["liveness"]),
        readiness=_asked(properties, "readinessProbe", *paths["readiness"]),
        model=model,
        model_path=path,
    )


def limits_of(properties: Mapping[str, Any], *, on_kubernetes: bool = False) -> Limits:
    """https://learn.microsoft.com/azure/machine-learning/how-to-manage-quotas has how long a request may take."""
    most = _MOST_TIMEOUT_ON_KUBERNETES_S if on_kubernetes else _MOST_TIMEOUT_S
    given = _object(properties, "requestSettings")
    concurrent = given.get("maxConcurrentRequestsPerInstance", 1)
    if isinstance(concurrent, bool) or not isinstance(concurrent, int) or concurrent < 1:
        raise Wrong("MaxConcurrentRequestsPerInstance", f"{concurrent!r} is no whole number of 1 or more.")
    timeout = _seconds("RequestTimeout", given.get("requestTimeout", "PT5S"))
    if not 0 < timeout <= most:
        raise Wrong("RequestTimeout", f"{given.get('requestTimeout')}; allowed: up to {most} seconds.")
    wait = given.get("maxQueueWait")
    return Limits(
        concurrent=concurrent, timeout_s=timeout, queue_s=None if wait is None else _seconds("MaxQueueWait", wait)
    )


def instances(body: Mapping[str, Any]) -> int:
    sku = body.get("sku")
    capacity = sku.get("capacity") if isinstance(sku, Mapping) else None
    if isinstance(capacity, bool) or not isinstance(capacity, int) or capacity < 1:
        raise Wrong("Sku.Capacity", f"The number of instances is {capacity!r}, allowed: whole numbers of 1 or more.")
    return capacity


def _route(routes: Mapping[str, Any], name: str) -> tuple[str, int]:
    given = routes.get(f"{name}Route") or {}
    path, port = given.get("path", _ROUTES[name]), given.get("port", _PORT)
    if not isinstance(path, str) or isinstance(port, bool) or not isinstance(port, int) or not 0 < port < 65536:
        raise Wrong("EnvironmentId", f"The {name} route of the environment is {path!r} at port {port!r}.")
    return path if path.startswith("/") else f"/{path}", port


def _asked(properties: Mapping[str, Any], name: str, path: str, port: int) -> Asked:
    given = _object(properties, name)
    times = {one: _probe_seconds(name, one, given.get(one), default) for one, default in _PROBE.items()}
    counts = {one: _threshold(name, one, given.get(one, default)) for one, default in _THRESHOLDS.items()}
    return Asked(
        path=path,
        port=port,
        initial_delay_s=times["initialDelay"],
        period_s=times["period"],
        timeout_s=times["timeout"],
        failures=counts["failureThreshold"],
        successes=counts["successThreshold"],
    )


def _probe_seconds(probe: str, name: str, value: object, default: float) -> float:
    field = f"{probe[0].upper()}{probe[1:]}.{name[0].upper()}{name[1:]}"
    found = default if value is None else _seconds(field, value)
    least = 0 if name == "initialDelay" else 1
    if not least <= found < _MOST_PROBE_S:
        raise Wrong(field, f"Invalid value provided for Probe: <{found:g}>. The value should be less than 300.")
    return found


def _threshold(probe: str, name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value < _MOST_PROBE_S:
        raise Wrong(f"{probe}.{name}", f"{value!r}; allowed: whole numbers of 1 or more.")
    return value


def _seconds(field: str, value: object) -> float:
    try:
        return seconds(str(value))
    except ValueError as problem:
        raise Wrong(field, f"{problem}.") from problem


def _variables(properties: Mapping[str, Any]) -> dict[str, str]:
    given = _object(properties, "environmentVariables")
    for name, value in given.items():
        if not name or "=" in name or not isinstance(value, str):
            raise Wrong("EnvironmentVariables", f"The variable '{name}' is {type(value).__name__}, not a text.")
    return dict(given)


def _model_path(properties: Mapping[str, Any], model: str) -> str:
    parts = model.split("/")
    mount = str(properties.get("modelMountPath") or MODELS)
    if not mount.startswith("/"):
        raise Wrong("ModelMountPath", f"'{mount}' is no absolute path.")
    return f"{mount.rstrip('/')}/{parts[-3]}/{parts[-1]}"


def _object(properties: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = properties.get(name) or {}
    if not isinstance(value, Mapping):
        raise Wrong(name[0].upper() + name[1:], f"{value!r} is no object.")
    return value
