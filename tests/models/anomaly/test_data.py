"""The anomaly model's data: simulation, CSV."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from models.anomaly.data import COLUMNS, main, parse_csv, simulate, to_csv
from models.source import DataError

SIMULATED = to_csv(simulate())


def with_line(text: str) -> bytes:
    return SIMULATED + text.encode() + b"\n"


def test_the_simulation_gives_the_same_bytes_on_every_machine() -> None:
    # a changed hash means other data for everyone: never change it in passing
    assert hashlib.sha256(SIMULATED).hexdigest() == "10f5a19b880d07d5dd07e07ab628d70d33499ae95dbf5286eb8b808784748529"
    assert to_csv(simulate(seed=1)) != SIMULATED


def test_the_simulated_machine_keeps_to_the_physics_of_the_real_one() -> None:
    rows = parse_csv(SIMULATED)
    assert len(rows) == 618
    for temperature, pressure, ambient, humidity in (row.features for row in rows):
        assert 21.02 <= temperature <= 106.75
        assert pressure == pytest.approx(1 + (temperature - 21) * 9 / 79, abs=1e-8)
        assert 20.5 <= ambient <= 21.5
        assert humidity in (24, 25, 26)
    assert 0.1 < sum(row.anomaly for row in rows) / len(rows) < 0.3


def test_a_byte_order_mark_and_windows_lines_are_tolerated() -> None:
    assert parse_csv(b"\xef\xbb\xbf" + SIMULATED.replace(b"\n", b"\r\n")) == parse_csv(SIMULATED)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b"", "columns are none; needed are machine_temperature"),
        (b"a,b\n1,2\n", "line 1: columns are a, b"),
        (with_line("hot,2,21,25,0"), "line 620: machine_temperature is 'hot', must be a finite number"),
        (with_line("30,nan,21,25,0"), "line 620: machine_pressure is 'nan'"),
        (with_line("30,2,21,25"), "line 620: anomaly is '', allowed are 0 and 1"),
        (with_line("30,2"), "line 620: ambient_temperature is missing"),
        (with_line("30,2,21,25,2"), "line 620: anomaly is '2', allowed are 0 and 1"),
        (with_line("30,2,21,25,0,7"), "line 620: more than 5 fields"),
        (b"\n".join(SIMULATED.split(b"\n")[:11]), "at least 50 rows are needed, found: 10"),
    ],
)
def test_bad_data_is_refused_naming_line_and_value(content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        parse_csv(content)


def test_of_many_bad_lines_the_first_five_are_named() -> None:
    with pytest.raises(DataError, match=r"line 624: .*\n\.\.\. and 3 more$"):
        parse_csv(SIMULATED + b"x,2,21,25,0\n" * 8)


def test_data_with_one_class_only_is_refused() -> None:
    normal = [line for line in SIMULATED.splitlines() if not line.endswith(b",1")]
    with pytest.raises(DataError, match="every row has anomaly 0"):
        parse_csv(b"\n".join(normal))


def test_the_command_writes_the_data_and_prints_its_hash(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "mine.csv"
    source.write_bytes(b"\xef\xbb\xbf" + SIMULATED)
    assert main(["--out", str(tmp_path / "out"), "--csv", str(source)]) == 0
    written = (tmp_path / "out" / "data.csv").read_bytes()
    assert written == source.read_bytes()
    assert capsys.readouterr().out.strip() == hashlib.sha256(written).hexdigest()


def test_the_command_refuses_bad_data_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "mine.csv"
    source.write_bytes(",".join(COLUMNS).encode() + b"\n1,2,3,4,5\n")
    assert main(["--out", str(tmp_path / "out"), "--csv", str(source)]) == 1
    assert "mine.csv, line 2: anomaly is '5'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
