"""How a wait ended: device by device with the last log lines of what is down, and whether that is a success."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cli.errors import Failed, Unreached
from cli.events.message import Message
from cli.rollout.standing import Standing, State
from cli.rollout.wanted import Hub, Layer
from cli.screen import cut, wrapped
from cloud.errors import ServiceError
from cloud.wording import counted, printable

_TAIL = 20
_TAIL_OF_EACH = 5
_LONGEST_LINE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleLog:
    """Lines may hold anything that a module writes: they are shown to who asked, and kept nowhere."""

    module: str
    lines: tuple[str, ...]
    problem: str | None
    """Why there are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceEnd:
    device: str
    layers: tuple[str, ...]
    standing: Standing
    messages: tuple[Message, ...]
    """The newest of each module and model that the device's layers have."""
    logs: tuple[ModuleLog, ...]

    def as_json(self) -> dict[str, Any]:
        module = self.standing.module
        return {
            "device": self.device,
            "layers": list(self.layers),
            "state": self.standing.state.value,
            "reason": self.standing.says,
            "module": module and module.name,
            "moduleStatus": module and module.status,
            "exitCode": module and module.exit_code,
            "restarts": module and module.restarts,
            "logs": [{"module": log.module, "lines": list(log.lines), "problem": log.problem} for log in self.logs],
            "messages": [message.as_json() for message in self.messages],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    devices: tuple[DeviceEnd, ...]
    empty: tuple[str, ...]
    """Layers that mean no device."""
    unreached: tuple[str, ...]
    """Layers of which every device that ever connected is away."""

    def of(self, *states: State) -> list[DeviceEnd]:
        return [one for one in self.devices if one.standing.state in states]

    @property
    def failure(self) -> str | None:
        """In one line; None where the wait came true."""
        amiss = self.of(State.STUCK, State.WAITING)
        parts = [f"{', '.join(one.device for one in amiss)}: not as wanted"] if amiss else []
        parts += [f"no device of layer {name!r} is connected" for name in self.unreached]
        return "; ".join(parts) or None

    def check(self, limit_seconds: float) -> None:
        """Raises what ends the command: Unreached where more time may help."""
        if self.failure is not None and self.of(State.WAITING):
            raise Unreached(f"{self.failure} within {limit_seconds:g} s")
        if self.failure is not None:
            raise Failed(self.failure)

    def as_json(self) -> dict[str, Any]:
        return {
            "ok": self.failure is None,
            "devices": [one.as_json() for one in self.devices],
            "layersWithoutDevice": list(self.empty),
            "layersNotConnected": list(self.unreached),
        }


def outcome(
    hub: Hub,
    layers: Sequence[Layer],
    wanted: Mapping[str, Sequence[Layer]],
    standings: Mapping[str, Standing],
    messages: Mapping[str, Mapping[tuple[str | None, str], Message]],
) -> Outcome:
    """`messages` are by device, then by module and version of the model."""
    meant = {layer.name: [device for device, its in wanted.items() if layer in its] for layer in layers}
    new = {device for device, standing in standings.items() if standing.state is State.NEW}
    away = {device for device, standing in standings.items() if standing.state is State.AWAY}
    attached = {name: set(devices) - new for name, devices in meant.items()}
    return Outcome(
        devices=tuple(
            DeviceEnd(
                device=device,
                layers=tuple(layer.name for layer in wanted[device]),
                standing=standing,
                messages=_of_layers(messages[device], wanted[device]) if standing.state is State.RIGHT else (),
                logs=_logs(hub, device, standing, wanted[device]),
            )
            for device, standing in standings.items()
        ),
        empty=tuple(name for name, devices in meant.items() if not devices),
        unreached=tuple(name for name, devices in attached.items() if devices and away >= devices),
    )


def _of_layers(messages: Mapping[tuple[str | None, str], Message], layers: Sequence[Layer]) -> tuple[Message, ...]:
    return tuple(
        message
        for (module, version), message in messages.items()
        if any(version in layer.models and layer.is_voice(module) for layer in layers)
    )


def _logs(hub: Hub, device: str, standing: Standing, layers: Sequence[Layer]) -> tuple[ModuleLog, ...]:
    """Of the module that is down; where all run and one is silent, of each that has to do with it."""
    if standing.state not in (State.STUCK, State.WAITING):
        return ()
    if standing.module is not None:
        return (_log(hub, device, standing.module.name, _TAIL),)
    silent = [layer for layer in layers if any(layer == one for one, _ in standing.silent)]
    return tuple(_log(hub, device, module, _TAIL_OF_EACH) for layer in silent for module in layer.modules)


def _log(hub: Hub, device: str, module: str, tail: int) -> ModuleLog:
    try:
        lines = hub.module_logs(device, module, tail=tail).splitlines()[-tail:]
    except ServiceError as error:
        return ModuleLog(module=module, lines=(), problem=f"GetModuleLogs: {error.brief}: {error.message}")
    return ModuleLog(module=module, lines=tuple(lines), problem=None if lines else "it has written nothing")


def lines(end: Outcome, width: int) -> list[str]:
    right = end.of(State.RIGHT)
    waits = (("new", end.of(State.NEW)), ("away", end.of(State.AWAY)))
    rows = [f"layer {name!r} means no device" for name in end.empty]
    if not end.devices and not rows:
        return ["the stack has no layer: nothing is waited for"]
    if end.devices:
        rows.append(f"{len(right)} of {counted(len(end.devices), 'device')} as wanted")
    rows += [f"  ok   {one.device}  {', '.join(one.layers)}" for one in right]
    rows += [f"  {word:<4} {one.device}  {one.standing.says}" for word, several in waits for one in several]
    for one in end.of(State.STUCK, State.WAITING):
        rows.append(f"  NOT  {one.device}  {one.standing.says}")
        rows += [f"       {row}" for log in one.logs for row in _rows(log)]
    return [line for row in rows for line in wrapped(row, width)]


def _rows(log: ModuleLog) -> list[str]:
    if log.problem:
        return [f"{log.module}: no log lines ({log.problem})"]
    return [f"{log.module} | {_shown(line)}" for line in log.lines]


def _shown(line: str) -> str:
    """A module's line must not move the cursor of who reads it."""
    return cut(printable(line), _LONGEST_LINE)
