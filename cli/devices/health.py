"""How a device is: what its hub knows, and what its machine says of itself (`edge.machine.report`). Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cloud.arrival import Arrival
from cloud.iot_hub import DeviceKeys, fingerprint

_FULL_PERCENT = 90
_MUST_RUN = ("docker", "aziot-edged", "edgeway-provision.timer")
"""The other units start when they are asked: of them only one that failed is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    about: str
    ok: bool | None
    """None: nobody can tell from here."""
    told: str


def of_hub(answers: str, since: datetime | None, arrival: Arrival) -> Iterator[Finding]:
    """`answers` is why the agent does not; empty where it does."""
    if answers:
        yield Finding(about="agent", ok=False, told=answers)
    else:
        told = f", connected since {since:%Y-%m-%d %H:%M:%S} UTC" if since else ""
        yield Finding(about="agent", ok=True, told=f"answers{told}")
    seen = f"version {arrival.seen_version} of {arrival.desired_version}, code {arrival.code} {arrival.description}"
    lacks = [lack for module in arrival.modules if (lack := module.lack)]
    well = bool(arrival.applied) and arrival.has_seen_desired and arrival.is_carried_out and not lacks
    told = "; ".join([seen.strip() if arrival.applied else "no deployment is applied", *lacks])
    yield Finding(about="deployment", ok=well, told=told)


def of_key(kept: str, keys: DeviceKeys, report: Mapping[str, Any] | None) -> Finding:
    """What the vault has, beside what the hub takes and what the machine works with."""
    if kept not in (keys.primary, keys.secondary):
        return Finding(
            about="key", ok=False, told="the vault has no key of the device: `edgeway device rotate` puts that right"
        )
    wanted = fingerprint(kept)
    if report is None:
        return Finding(about="key", ok=True, told=f"the vault has {wanted}, which the hub takes")
    used = str(report.get("key", ""))
    if used == wanted:
        return Finding(about="key", ok=True, told=f"{wanted}, as in the vault")
    works = f"works with {used}" if used else "works with none yet"
    return Finding(about="key", ok=False, told=f"the machine {works}, the vault has {wanted}: it looks each hour")


def of_machine(report: Mapping[str, Any]) -> Iterator[Finding]:
    yield _units(report.get("units") or {})
    said = str(report.get("said") or "it has said nothing yet")
    cloud_init = report.get("cloudInit")
    first = f" (cloud-init: {cloud_init})" if cloud_init not in ("", "done", None) else ""
    yield Finding(about="provision", ok=said.startswith("edgeway: ok"), told=said.removeprefix("edgeway: ") + first)
    disks: Mapping[str, int] = report.get("disks") or {}
    full = max(disks.values(), default=0) >= _FULL_PERCENT
    yield Finding(about="disk", ok=not full, told=", ".join(f"{path} {used} % full" for path, used in disks.items()))
    modules: Mapping[str, str] = report.get("modules") or {}
    stopped = [f"{name} is {state}" for name, state in modules.items() if state != "running"]
    told = ", ".join(stopped) or (f"{len(modules)} running" if modules else "iotedge lists none")
    yield Finding(about="modules", ok=bool(modules) and not stopped, told=told)
    if "gpus" in report:
        gpus = [str(one) for one in report["gpus"]]
        yield Finding(
            about="gpu", ok=bool(gpus), told=", ".join(gpus) or "nvidia-smi sees none: no driver, or none is there"
        )
    yield from _check(report.get("check") or {})


def _units(units: Mapping[str, str]) -> Finding:
    wrong = [
        f"{unit} is {state}"
        for unit, state in units.items()
        if state in ("failed", "unknown") or (unit in _MUST_RUN and state != "active")
    ]
    return Finding(about="units", ok=not wrong, told=", ".join(wrong) or f"{len(units)} as they should be")


def _check(check: Mapping[str, Any]) -> Iterator[Finding]:
    """A warning is told and fails nothing: iotedge has some that each of its devices gets."""
    wrong = [(str(name), str(result), str(said)) for name, result, said in check.get("wrong") or ()]
    failed = sum(result != "warning" for _, result, _ in wrong)
    told = f"{check.get('well', 0)} well, {len(wrong) - failed} warned, {failed} failed"
    yield Finding(about="check", ok=not failed, told=told)
    for name, result, said in wrong:
        yield Finding(about="check", ok=result == "warning", told=f"{name}: {result}: {said}".removesuffix(": "))


def report_of(printed: str) -> dict[str, Any] | None:
    """The last line that is a JSON object; None where there is none."""
    for line in reversed(printed.splitlines()):
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict):
            return found
    return None


def lines(device: str, findings: list[Finding]) -> list[str]:
    wrong = [one for one in findings if one.ok is False]
    head = f"{device}: {'well' if not wrong else 'not well: ' + ', '.join(dict.fromkeys(one.about for one in wrong))}"
    marks = {True: "ok ", False: "NOT", None: " ? "}
    return [head, *(f"  {marks[one.ok]} {one.about:<10} {one.told}" for one in findings)]
