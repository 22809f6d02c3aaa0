"""The simulated machine: warms up to 100 degrees, half a degree a message on average, then walks at random."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random

TEMPERATURE_MIN = 21.0
TEMPERATURE_MAX = 100.0
PRESSURE_MIN = 1.0
PRESSURE_MAX = 10.0
AMBIENT_TEMPERATURE = 21.0
HUMIDITY = (24, 25, 26)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    machine_temperature: float
    machine_pressure: float
    ambient_temperature: float
    ambient_humidity: int

    def body(self, created: datetime) -> bytes:
        document = {
            "machine": {"temperature": self.machine_temperature, "pressure": self.machine_pressure},
            "ambient": {"temperature": self.ambient_temperature, "humidity": self.ambient_humidity},
            "timeCreated": created.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        }
        return json.dumps(document, separators=(",", ":")).encode()


class Simulation:
    def __init__(self, draw: Callable[[], float] | None = None) -> None:
        """`draw` gives numbers from 0 to 1; a seeded one makes a run repeatable."""
        self._draw = draw or Random().random
        self._temperature = TEMPERATURE_MIN

    def reset(self) -> None:
        self._temperature = TEMPERATURE_MIN

    def next(self) -> Reading:
        hot = self._temperature > TEMPERATURE_MAX
        self._temperature += self._draw() - 0.5 if hot else self._draw() * 1.5 - 0.25
        slope = (PRESSURE_MAX - PRESSURE_MIN) / (TEMPERATURE_MAX - TEMPERATURE_MIN)
        return Reading(
            machine_temperature=round(self._temperature, 8),
            machine_pressure=round(PRESSURE_MIN + (self._temperature - TEMPERATURE_MIN) * slope, 8),
            ambient_temperature=round(AMBIENT_TEMPERATURE + self._draw() - 0.5, 8),
            ambient_humidity=HUMIDITY[int(self._draw() * len(HUMIDITY))],
        )
