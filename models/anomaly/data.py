"""The anomaly model's data: a seeded simulation of the machine, a CSV file, or a URL with its SHA-256.

The published data set is https://github.com/Azure/ai-toolkit-iot-edge (MIT, (c) Microsoft), see README.md.
"""

from __future__ import annotations

import csv
import io
import math
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from contracts.numbers import number_of
from models.source import DATA_FILE, DataError, Source, run

FEATURES = ("machine_temperature", "machine_pressure", "ambient_temperature", "ambient_humidity")
LABEL = "anomaly"
COLUMNS = (*FEATURES, LABEL)
DEFAULT_ROWS = 618

MINIMUM_ROWS = 50
REPORTED_PROBLEMS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    features: tuple[float, float, float, float]
    anomaly: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The physics of Microsoft's simulated temperature sensor, and what counts as an anomaly.

    It warms up from 21 to 100 degrees, then walks at random, and trips where it gets too hot. An anomaly is an
    overheated machine, or one in air that is both warm and humid.
    """

    temperature_min: float = 21.0
    temperature_max: float = 100.0
    trip_temperature: float = 106.75
    pressure_min: float = 1.0
    pressure_max: float = 10.0
    ambient_min: float = 20.5
    ambient_range: float = 1.0
    humidity_min: int = 24
    humid: int = 26
    humid_in_warm_air: float = 0.6
    overheated: float = 103.0
    warm_air: float = 21.3
    # nearer to a limit than this, two thermometers would disagree on the label: such readings are left out
    temperature_tolerance: float = 0.2
    ambient_tolerance: float = 0.02

    def pressure(self, temperature: float) -> float:
        slope = (self.pressure_max - self.pressure_min) / (self.temperature_max - self.temperature_min)
        return self.pressure_min + (temperature - self.temperature_min) * slope


def simulate(*, seed: int = 0, rows: int = DEFAULT_ROWS, machine: Machine | None = None) -> Iterator[Row]:
    """Readings of the machine, the same on every machine and Python version.

    Only `Random.random()` is used, the one generator whose sequence Python promises to keep, and only arithmetic that
    IEEE 754 defines to the last bit.
    """
    m = machine or Machine()
    draw = random.Random(seed).random
    temperature = m.temperature_min
    made = 0
    while made < rows:
        hot = temperature > m.temperature_max
        temperature += draw() - 0.5 if hot else draw() * 1.5 - 0.25
        if temperature > m.trip_temperature:
            temperature = m.temperature_min
        temperature = max(temperature, m.temperature_min + 0.02)
        ambient = m.ambient_min + draw() * m.ambient_range
        humidity = _humidity(m, ambient=ambient, chance=draw())
        if _near(temperature, m.overheated, m.temperature_tolerance) or _near(ambient, m.warm_air, m.ambient_tolerance):
            continue
        made += 1
        features = (round(temperature, 8), round(m.pressure(temperature), 8), round(ambient, 8), float(humidity))
        yield Row(
            features=features,
            anomaly=temperature > m.overheated or (ambient > m.warm_air and humidity == m.humid),
        )


def _humidity(machine: Machine, *, ambient: float, chance: float) -> int:
    dry = machine.humid - machine.humidity_min
    if ambient <= machine.warm_air:
        return machine.humidity_min + int(chance * (dry + 1))
    if chance < machine.humid_in_warm_air:
        return machine.humid
    return machine.humidity_min + int((chance - machine.humid_in_warm_air) / (1 - machine.humid_in_warm_air) * dry)


def _near(value: float, limit: float, tolerance: float) -> bool:
    return abs(value - limit) < tolerance


def to_csv(rows: Iterator[Row]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        temperature, pressure, ambient, humidity = row.features
        writer.writerow((repr(temperature), repr(pressure), repr(ambient), int(humidity), int(row.anomaly)))
    return out.getvalue().encode("ascii")


def parse_csv(content: bytes, *, where: str = DATA_FILE) -> list[Row]:
    """Check every line before any is used; a byte-order mark is fine."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{where}: not UTF-8: byte {error.start}") from error
    reader = csv.DictReader(io.StringIO(text, newline=""))
    header = reader.fieldnames or []
    if sorted(header) != sorted(COLUMNS):
        raise DataError(f"{where}, line 1: columns are {', '.join(header) or 'none'}; needed are {', '.join(COLUMNS)}")
    rows: list[Row] = []
    problems: list[str] = []
    for fields in reader:
        try:
            rows.append(_row(fields))
        except DataError as error:
            problems.append(f"{where}, line {reader.line_num}: {error}")
    if problems:
        more = len(problems) - REPORTED_PROBLEMS
        raise DataError("\n".join(problems[:REPORTED_PROBLEMS]) + (f"\n... and {more} more" if more > 0 else ""))
    if len(rows) < MINIMUM_ROWS:
        raise DataError(f"{where}: at least {MINIMUM_ROWS} rows are needed, found: {len(rows)}")
    if len({row.anomaly for row in rows}) < 2:
        raise DataError(f"{where}: every row has {LABEL} {int(rows[0].anomaly)}; both 0 and 1 are needed")
    return rows


def _row(fields: dict[str, str | None]) -> Row:
    # DictReader keys surplus fields by None
    if len(fields) > len(COLUMNS):
        raise DataError(f"more than {len(COLUMNS)} fields")
    temperature, pressure, ambient, humidity = (_number(name, fields[name]) for name in FEATURES)
    if (label := (fields[LABEL] or "").strip()) not in ("0", "1"):
        raise DataError(f"{LABEL} is {label!r}, allowed are 0 and 1")
    return Row(features=(temperature, pressure, ambient, humidity), anomaly=label == "1")


def _number(name: str, text: str | None) -> float:
    if text is None:
        raise DataError(f"{name} is missing")
    try:
        value = number_of(text.strip())
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise DataError(f"{name} is {text!r}, must be a finite number")
    return value


def _read(content: bytes, where: str) -> bytes:
    parse_csv(content, where=where)
    return content


SOURCE = Source(
    model="anomaly",
    make=lambda seed, rows: to_csv(simulate(seed=seed, rows=rows)),
    read=_read,
    rows=DEFAULT_ROWS,
    fewest_rows=MINIMUM_ROWS,
    seed_help="of the simulation (default 0)",
)


def main(argv: list[str] | None = None) -> int:
    return run(SOURCE, argv)


if __name__ == "__main__":
    sys.exit(main())
