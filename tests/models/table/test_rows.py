"""Rows of a table: simulated, or of a CSV whose every wrong value is named by line and column."""

from __future__ import annotations

import pytest

from models.source import DataError
from models.table import Number, Table
from models.table.__main__ import main
from models.table.rows import canonical, parse_csv, simulated
from tests.models.table.pumps import HOT, POWER, STATE, TABLES

HEADER = "speed,site,power,filtered"
LINE = "1500,roof,20.5,1"


def csv_of(*lines: str, header: str = HEADER, rows: int = 60) -> bytes:
    return "\n".join([header, *lines, *[LINE] * (rows - len(lines)), ""]).encode()


@pytest.mark.parametrize("label", TABLES)
def test_a_simulation_is_the_same_for_the_same_seed_and_reads_back(label: str) -> None:
    table = TABLES[label]
    made = simulated(table, seed=3, rows=80)

    assert made == simulated(table, seed=3, rows=80) != simulated(table, seed=4, rows=80)
    assert made.splitlines()[0].decode() == ",".join(table.columns)
    assert len(parse_csv(table, made)) == 80
    assert canonical(table, made, "x") == made


def test_columns_may_come_in_any_order_with_others_beside_them_and_give_the_same_bytes() -> None:
    given = csv_of(header="id,filtered,power,speed,site", rows=0) + b"7,true, 20.50 ,1.5e3,roof\n" * 60

    assert canonical(POWER, b"\xef\xbb\xbf" + given, "pumps.csv") == csv_of()


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["fast,roof,1,0"], "pumps.csv, line 2: speed is 'fast', must be a number from 0 to 3000"),
        ([LINE, "3001,roof,1,0"], "pumps.csv, line 3: speed is '3001', must be a number from 0 to 3000"),
        (["1,Roof,1,0"], "pumps.csv, line 2: site is 'Roof', must be one of indoors, outdoors, roof"),
        (["1,roof,nan,0"], "pumps.csv, line 2: power is 'nan', must be a finite number"),
        (["1,roof,1e39,0"], "pumps.csv, line 2: power is '1e39', must be a finite number"),
        (["1,roof,,0"], "pumps.csv, line 2: power is '', must be a finite number"),
        (["1,roof,1,yes"], "pumps.csv, line 2: filtered is 'yes', must be true, false, 1 or 0"),
        (["1,roof"], "pumps.csv, line 2: power is missing\npumps.csv, line 2: filtered is missing"),
    ],
)
def test_a_wrong_value_is_told_with_line_and_column(lines: list[str], said: str) -> None:
    with pytest.raises(DataError) as refusal:
        parse_csv(POWER, csv_of(*lines), where="pumps.csv")
    assert str(refusal.value) == said


def test_of_many_wrong_values_the_first_are_told_and_the_others_counted() -> None:
    with pytest.raises(DataError, match=r"line 6: .*\n\.\.\. and 4 more$"):
        parse_csv(POWER, csv_of(*["x,roof,1,0"] * 9))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (csv_of(header="speed,site,power"), "line 1: column filtered is missing; there are: speed, site, power"),
        (b"", "line 1: column speed is missing; there are: none"),
        (csv_of(rows=49), "at least 50 rows are needed, found: 49"),
        (b"\xff\xfe", "not UTF-8: byte 0"),
    ],
)
def test_a_file_that_cannot_be_trained_on_says_why(content: bytes, said: str) -> None:
    with pytest.raises(DataError, match=said):
        parse_csv(POWER, content)


@pytest.mark.parametrize(
    ("table", "states", "said"),
    [
        (HOT, ["1"] * 60, "every row has hot True; a second one is needed to learn"),
        (STATE, ["good"] * 57 + ["worn"] * 3, "at least 4 rows of state worn are needed, found: 3"),
    ],
)
def test_classes_that_cannot_be_learned_are_named(table: Table[object], states: list[str], said: str) -> None:
    lines = [f"1,roof,{state},0" for state in states]
    with pytest.raises(DataError, match=said):
        parse_csv(table, csv_of(*lines, header=f"speed,site,{table.label},filtered"))


def test_a_table_without_a_simulator_says_how_to_give_its_data() -> None:
    plain = Table(columns=POWER.columns, label="power", estimator=POWER.estimator)
    with pytest.raises(DataError, match="no simulator; give its data: --csv PATH, or --url with --sha256"):
        simulated(plain, seed=0, rows=100)


@pytest.mark.parametrize(
    ("columns", "label", "said"),
    [
        (["speed", "class"], "speed", "column 'class': letters, digits and _ are wanted"),
        (["speed", "a b"], "speed", "column 'a b'"),
        (["speed", "site"], "power", "label 'power' must be one of two or more columns, are speed, site"),
        (["power"], "power", "label 'power' must be one of two or more columns"),
    ],
)
def test_a_table_that_cannot_be_is_refused(columns: list[str], label: str, said: str) -> None:
    kinds = dict.fromkeys(columns, POWER.target)
    with pytest.raises(ValueError, match=said):
        Table(columns=kinds, label=label, estimator=POWER.estimator)


@pytest.mark.parametrize("bounds", [(3000, 0), (float("nan"), 1)])
def test_a_number_with_its_bounds_the_wrong_way_is_refused(bounds: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="its low is above its high"):
        Number(*bounds)


@pytest.mark.parametrize(("mark", "said"), [(";", "';'"), ("\t", "a tab")])
def test_a_file_with_other_separators_than_commas_is_told(mark: str, said: str) -> None:
    with pytest.raises(DataError, match=f"pumps.csv, line 1: its columns are separated by {said}, commas are wanted"):
        parse_csv(POWER, csv_of().replace(b",", mark.encode()), where="pumps.csv")


def test_a_model_that_is_not_there_is_told_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "pumpp"]) == 2
    assert capsys.readouterr().err == "error: models/pumpp/model.py is not there; `edgeway model new pumpp` writes it\n"
