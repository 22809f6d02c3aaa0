"""A hub with devices whose agents report what a test says, messages that come when a test says, and time for both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from cli.events.message import Message
from cli.rollout.mailbox import Mailbox
from cli.rollout.outcome import Outcome, outcome
from cli.rollout.progress import Progress
from cli.rollout.waiting import Waiting
from cli.rollout.wanted import wanted_layers
from cli.stack.outputs import Outputs
from cloud.errors import ServiceError
from cloud.iot_hub import Configuration
from tests.cli.messages import message

BEGIN = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
ANOMALY, DIGITS = "a" * 12, "d" * 12


def at(seconds: float) -> datetime:
    return BEGIN + timedelta(seconds=seconds)


def scored(seconds: float, *, device: str = "edge-01", version: str = ANOMALY, **more: Any) -> Message:
    properties = {"AzureMLResponse": "OK", "model": version}
    return message(device=device, enqueued=at(seconds), **{"properties": properties, **more})


def agent(
    *,
    since: float = -3600.0,
    image: str = "scorer@sha256:2",
    status: str = "running",
    seen: int = 2,
    code: int = 200,
    restarts: int = 0,
    exit_code: int = 0,
    connected: bool = True,
    applied: tuple[str, ...] = ("anomaly-2",),
    description: str = "",
    version: int = 2,
) -> dict[str, Any]:
    """The twin of a $edgeAgent, of which the hub heard for the last time at `since`. It says `description` of the
    module, and of the deployment where that is not carried out."""
    stamp = {"$lastUpdated": at(since).isoformat()}
    return {
        "connectionState": "Connected" if connected else "Disconnected",
        "configurations": {name: {"status": "Applied"} for name in applied},
        "properties": {
            "desired": {
                "$version": version,
                "modules": {"scorer": {"status": "running", "settings": {"image": "scorer@sha256:2"}}},
            },
            "reported": {
                "$metadata": {
                    "lastDesiredVersion": stamp,
                    "modules": {"scorer": {"settings": {"image": stamp}, "runtimeStatus": stamp}},
                },
                "lastDesiredVersion": seen,
                "lastDesiredStatus": {"code": code, "description": description and f"scorer: {description}"},
                "modules": {
                    "scorer": {
                        "runtimeStatus": status,
                        "restartCount": restarts,
                        "exitCode": exit_code,
                        "statusDescription": description,
                        "settings": {"image": image},
                    }
                },
            },
        },
    }


def trying(description: str, **more: Any) -> dict[str, Any]:
    """As `agent`, of a module that Docker refuses to make."""
    return agent(status="unknown", code=500, description=description, **more)


def never_made(code: int, description: str = "") -> dict[str, Any]:
    """As Microsoft's agent reports it: nothing of the module, and between two tries no reason."""
    twin = agent(code=code)
    reported = twin["properties"]["reported"]
    reported["modules"] = {}
    reported["lastDesiredStatus"]["description"] = description
    return twin


def new_agent() -> dict[str, Any]:
    """The twin of a $edgeAgent that the hub made, and that nobody ever was."""
    return {
        "connectionState": "Disconnected",
        "lastActivityTime": "0001-01-01T00:00:00Z",
        "configurations": {"anomaly-2": {"status": "Targeted"}},
        "properties": {"desired": agent()["properties"]["desired"], "reported": {"$metadata": {}, "$version": 1}},
    }


class Fleet:
    """`attaching` is what a stack in Azure says of devices that never connected. `twins` has by device what its agent's
    twin is from which second on, `dropping` by device and module until when it drops messages. Time passes while
    somebody waits."""

    host = "iot-1.azure-devices.net"

    def __init__(self) -> None:
        self.seconds = 0.0
        self.attaching: Callable[[str], str] | None = None
        self.twins: dict[str, list[tuple[float, dict[str, Any]]]] = {}
        self.messages: list[Message] = []
        self.layers: dict[str, dict[str, Any]] = {}
        self.answering: set[str] = set()
        self.dropping: dict[tuple[str, str], float] = {}
        self.logs: dict[str, str] = {}
        self.logs_of_modules: dict[tuple[str, str], str] = {}
        self.asked_for_logs: list[tuple[str, str]] = []
        self.told: list[str] = []
        self.read_from: list[datetime] = []

    def layer(
        self,
        name: str,
        *devices: str,
        models: tuple[str, ...] = ("anomaly",),
        found: tuple[str, ...] = (),
        modules: tuple[str, ...] = ("scorer",),
    ) -> None:
        """`devices` are the stack's, `found` those that the hub finds besides."""
        entry = {"configuration": f"{name}-2", "models": list(models), "devices": list(devices)}
        self.layers[name] = {"entry": entry, "found": found, "modules": modules}

    def device(self, name: str, *twins: tuple[float, dict[str, Any]]) -> None:
        self.twins[name] = sorted(twins, key=lambda twin: twin[0])

    def wait(self, limit_seconds: float = 300.0) -> Outcome:
        with Mailbox(self._connect, FleetClock(self)) as mailbox:
            layers = wanted_layers(self.outputs, self)
            progress = Progress(self, FleetClock(self), self.told.append)
            waiting = Waiting(self, layers, mailbox, FleetClock(self), progress, self.attaching)
            standings = waiting.run(limit_seconds)
            heard = {device: mailbox.newest(device) for device in standings}
            return outcome(self, layers, waiting.wanted, standings, heard)

    @property
    def outputs(self) -> Outputs:
        models = {"anomaly": {"version": ANOMALY}, "digits": {"version": DIGITS}}
        return Outputs("local", {"layers": {name: one["entry"] for name, one in self.layers.items()}, "models": models})

    # -- the hub

    def configurations(self) -> list[Configuration]:
        return [_configuration(name, one["modules"]) for name, one in self.layers.items()]

    def edge_devices_where(self, condition: str) -> list[str]:
        return list(self.layers[condition]["found"])

    def module_twin(self, device_id: str, module_id: str) -> dict[str, Any]:
        if module_id != "$edgeAgent":
            return {"properties": {"reported": {"dropped": self._dropped(device_id, module_id)}}}
        return [twin for begin, twin in self.twins[device_id] if begin <= self.seconds][-1]

    def _dropped(self, device: str, module: str) -> dict[str, Any]:
        until = self.dropping.get((device, module))
        if until is None:
            return {}
        last = {"reason": "$.t: a number is wanted", "at": "now"}
        return {"count": 3, "reasons": {"not readable": 3}, "last": last, "dropping": self.seconds < until}

    def agent_answers(self, device_id: str) -> bool:
        return device_id in self.answering

    def module_logs(self, device_id: str, module: str, *, tail: int) -> str:
        self.asked_for_logs.append((device_id, module))
        if (device_id, module) in self.logs_of_modules:
            return self.logs_of_modules[device_id, module]
        if device_id not in self.logs:
            raise ServiceError("GetModuleLogs", 404, "404103", "nobody answers")
        return self.logs[device_id]

    # -- messages

    def _connect(self, moment: datetime) -> Any:
        self.read_from.append(moment)
        return _Inbox(self, [one for one in self.messages if one.enqueued is not None and one.enqueued >= moment])


def _configuration(name: str, modules: tuple[str, ...]) -> Configuration:
    agent: dict[str, Any] = {f"properties.desired.modules.{module}": {} for module in modules}
    return Configuration(
        id=f"{name}-2",
        modules_content={"$edgeAgent": agent},
        target_condition=name,
        priority=1,
        metrics={},
        labels={},
    )


class FleetClock:
    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    def monotonic(self) -> float:
        return self._fleet.seconds

    def now(self) -> datetime:
        return at(self._fleet.seconds)

    def wait(self, seconds: float) -> None:
        self._fleet.seconds += seconds


class _Inbox:
    def __init__(self, fleet: Fleet, messages: list[Message]) -> None:
        self._fleet = fleet
        self._messages = sorted(messages, key=lambda one: one.enqueued or BEGIN)

    def __enter__(self) -> _Inbox:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def next(self, timeout: float) -> Message | None:
        arrives = self._messages[0].enqueued if self._messages else None
        if arrives is not None and arrives <= at(self._fleet.seconds + timeout):
            self._fleet.seconds = max(self._fleet.seconds, (arrives - BEGIN).total_seconds())
            return self._messages.pop(0)
        self._fleet.seconds += timeout
        return None
