"""Has a deployment arrived at a device? One test for everybody who asks, on the device's $edgeAgent twin.

Code 200 alone means only that the agent carried out its plan, so four parts count: the configuration is applied; the
agent has seen the version that is desired; it answered it with 200; each module has the status and the image that is
desired. https://github.com/Azure/iotedge/blob/main/doc/reported_states_during_deployment.md
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

EDGE_AGENT = "$edgeAgent"
NOT_TARGETED = "not targeted"
_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleArrival:
    """A module of the desired properties, beside what the agent reports of it."""

    name: str
    is_system: bool
    wanted_image: str | None
    image: str | None
    wanted_status: str
    status: str
    """`not reported` where the agent knows nothing of it."""
    description: str
    exit_code: int | None
    restarts: int
    changed: datetime | None
    """When the hub got the newest of what it knows of the module's image, start and status, by the hub's own clock."""

    @property
    def has_arrived(self) -> bool:
        return self.status == self.wanted_status and self.image == self.wanted_image

    @property
    def lack(self) -> str | None:
        """What is not as desired, in a few words."""
        if self.status != self.wanted_status:
            more = f" ({self.description})" if self.description else ""
            return f"module {self.name!r} is {self.status}{more}, {self.wanted_status} is wanted"
        if self.image != self.wanted_image:
            return f"module {self.name!r} runs {self.image}, {self.wanted_image} is wanted"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """The four parts as facts."""

    standings: Mapping[str, str]
    """Configuration -> its status at this device, as the hub wrote it."""
    desired_version: int | None
    seen_version: int | None
    code: int | None
    """The agent's answer to the version that it has seen."""
    description: str
    modules: tuple[ModuleArrival, ...]
    is_connected: bool
    """The hub's word for the agent's connection, which may be minutes old."""
    has_never_connected: bool
    """Neither connected now nor, by what the hub has of it, ever before: it reported nothing and was never active."""
    seen: datetime | None
    """When the hub got the version that the agent has seen, by the hub's own clock."""

    @property
    def since(self) -> datetime | None:
        """From when on the device runs what it runs, as far as the hub was told: younger messages come of that. Of the
        hub's clock, which dates messages too; the device's own may be wrong."""
        told = [self.seen, *(module.changed for module in self.modules if not module.is_system)]
        return max((moment for moment in told if moment is not None), default=None)

    @property
    def applied(self) -> tuple[str, ...]:
        return tuple(sorted(name for name, status in self.standings.items() if is_applied(status)))

    @property
    def targeted(self) -> tuple[str, ...]:
        """Those that are for this device, and of which higher ones left nothing."""
        return tuple(sorted(self.standings.keys() - set(self.applied)))

    @property
    def has_seen_desired(self) -> bool:
        return self.seen_version is not None and self.seen_version == self.desired_version

    @property
    def is_carried_out(self) -> bool:
        return self.code == _OK

    @property
    def runs_desired(self) -> bool:
        return all(module.has_arrived for module in self.modules)

    def lack(self, configuration_id: str, modules: Iterable[str]) -> str | None:
        """What the configuration still lacks at this device, the first of the four parts; None when all hold.

        `modules` are those that it deploys. One that is not desired is not waited for: a higher layer took it away. A
        configuration without modules (only routes, or twins) needs not be applied by the agent's twin.
        """
        names = tuple(modules)
        standing = self.standings.get(configuration_id, NOT_TARGETED)
        if names and not is_applied(standing):
            return f"the deployment is {standing}, Applied is wanted"
        if not self.has_seen_desired:
            seen = "none" if self.seen_version is None else self.seen_version
            return f"the agent has seen version {seen} of {self.desired_version}"
        if not self.is_carried_out:
            return f"the agent reports {self.code} {self.description}".rstrip()
        desired = {module.name: module for module in self.modules if not module.is_system}
        return next((lack for name in names if name in desired and (lack := desired[name].lack)), None)


def is_applied(status: str) -> bool:
    """Microsoft spells it both ways, so case does not count: the portal and the queries of its documentation say
    `Applied`, the enums of its SDKs (ConfigurationStatus, Java and C#) say `applied`."""
    return status.lower() == "applied"


def arrival_at_device(twin: Mapping[str, Any]) -> Arrival:
    """`twin` is the document of the device's $edgeAgent, as `IotHub.module_twin` gives it. What is reported is the
    device's to write: what has another shape counts as not reported."""
    properties = mapping(twin.get("properties"))
    desired, reported = mapping(properties.get("desired")), mapping(properties.get("reported"))
    answer = mapping(reported.get("lastDesiredStatus"))
    metadata = mapping(reported.get("$metadata"))
    configurations = mapping(twin.get("configurations"))
    standings = {name: mapping(entry).get("status") for name, entry in configurations.items()}
    is_connected = str(twin.get("connectionState", "")).lower() == "connected"
    return Arrival(
        standings={name: NOT_TARGETED if status is None else str(status) for name, status in standings.items()},
        desired_version=desired.get("$version"),
        seen_version=reported.get("lastDesiredVersion"),
        code=answer.get("code"),
        description=str(answer.get("description") or ""),
        modules=(
            *_modules("systemModules", desired, reported, metadata, is_system=True),
            *_modules("modules", desired, reported, metadata, is_system=False),
        ),
        is_connected=is_connected,
        has_never_connected=not (
            is_connected or _was_active(twin) or any(not name.startswith("$") for name in reported)
        ),
        seen=_updated(metadata.get("lastDesiredVersion")),
    )


def _modules(
    section: str,
    desired: Mapping[str, Any],
    reported: Mapping[str, Any],
    metadata: Mapping[str, Any],
    *,
    is_system: bool,
) -> Iterable[ModuleArrival]:
    actual, updated = mapping(reported.get(section)), mapping(metadata.get(section))
    for name, wanted in sorted(mapping(desired.get(section)).items()):
        if isinstance(wanted, Mapping):
            yield _module(name, wanted, mapping(actual.get(name)), mapping(updated.get(name)), is_system)


def _module(
    name: str, wanted: Mapping[str, Any], actual: Mapping[str, Any], updated: Mapping[str, Any], is_system: bool
) -> ModuleArrival:
    restarts, exit_code = actual.get("restartCount"), actual.get("exitCode")
    image = mapping(updated.get("settings")).get("image")
    moments = [_updated(one) for one in (image, updated.get("lastStartTimeUtc"), updated.get("runtimeStatus"))]
    return ModuleArrival(
        name=name,
        is_system=is_system,
        wanted_image=mapping(wanted.get("settings")).get("image"),
        image=mapping(actual.get("settings")).get("image"),
        wanted_status=str(wanted.get("status", "running")),
        status=str(actual.get("runtimeStatus", "not reported")),
        description=str(actual.get("statusDescription") or ""),
        exit_code=exit_code if isinstance(exit_code, int) else None,
        restarts=restarts if isinstance(restarts, int) else 0,
        changed=max((moment for moment in moments if moment is not None), default=None),
    )


def _was_active(twin: Mapping[str, Any]) -> bool:
    """The hub writes the first day of year 1 until there is something to date.
    https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-identity-registry#device-identity-properties
    """
    return not str(twin.get("lastActivityTime") or "0001").startswith("0001")


def _updated(stamp: Any) -> datetime | None:
    """https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-device-twins#device-twin-metadata"""
    try:
        moment = datetime.fromisoformat(str(mapping(stamp).get("$lastUpdated")))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def mapping(value: Any) -> Mapping[str, Any]:
    """A part of a twin, which may have been reported in any shape: what is no object has not arrived."""
    return value if isinstance(value, Mapping) else {}
