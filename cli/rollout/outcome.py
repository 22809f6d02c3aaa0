"""How a wait ended: device by device with the last log lines of what is down, and whether that is a success."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cli.errors import Failed, Unreached
from cli.events.message import Message
from cli.rollout.module_log import ModuleLog, logs_of, shown, telling
from cli.rollout.standing import Standing, State
from cli.rollout.wanted import Hub, Layer
from cli.screen import wrapped
from cloud.wording import counted, one_line

_AMISS = (State.STUCK, State.WAITING)
_REASONS = 3
"""Devices whose reason the error names; `lines` has all."""
_LONGEST_WORDS = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceEnd:
    device: str
    layers: tuple[str, ...]
    standing: Standing
    messages: tuple[Message, ...]
    """The newest of each module and model that the device's layers have."""
    logs: tuple[ModuleLog, ...]

    @property
    def reason(self) -> str:
        """What it waits for or why it cannot, and what its modules said last."""
        words = [
            f"{log.module} said last: {one_line(log.last_words or '', _LONGEST_WORDS)}" for log in telling(self.logs)
        ]
        return "; ".join([f"{self.device} {self.standing.says}", *words])

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
        amiss = self.of(*_AMISS)
        parts = [f"{', '.join(one.device for one in amiss)}: not as wanted"] if amiss else []
        parts += [f"no device of layer {name!r} is connected" for name in self.unreached]
        return "; ".join(parts) or None

    def check(self, limit_seconds: float) -> None:
        """Raises what ends the command: Unreached where more time may help."""
        if self.failure is None:
            return
        reasons = [one.reason for one in self.of(*_AMISS)[:_REASONS]]
        if self.of(State.WAITING):
            raise Unreached(". ".join([f"{self.failure} within {limit_seconds:g} s", *reasons]))
        raise Failed(". ".join([self.failure, *reasons]))

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
                logs=logs_of(hub, device, standing, wanted[device]) if standing.state in _AMISS else (),
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
    for one in end.of(*_AMISS):
        rows.append(f"  NOT  {one.device}  {one.standing.says}")
        rows += [f"       {row}" for log in one.logs for row in _rows(log)]
    return [line for row in rows for line in wrapped(row, width)]


def _rows(log: ModuleLog) -> list[str]:
    if log.problem:
        return [f"{log.module}: no log lines ({log.problem})"]
    return [f"{log.module} | {shown(line)}" for line in log.lines]
