"""Rows of a file, and golden examples, as the messages that a replay sends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from clone.rows import FILE_BYTES, ROW_BYTES, RowsError, packed_golden, packed_rows, rows_of_file
from contracts.card import Card, Dataset, Golden, Seeds


def file(root: Path, name: str, content: str | bytes) -> str:
    (root / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return name


def card(*inputs: Any) -> Card:
    return Card(
        name="boiler",
        framework={},
        hyperparameters={},
        seeds=Seeds(split_seed=0, seed=0),
        data=Dataset(sha256="0" * 64, rows=1, train=1, test=0),
        metrics={},
        thresholds={},
        input={},
        output={},
        golden=tuple(Golden(name=str(number), input=one, output=None) for number, one in enumerate(inputs)),
        licence="MIT",
    )


def test_a_row_of_a_csv_file_is_an_object_of_its_columns_numbers_as_numbers(tmp_path: Path) -> None:
    name = file(tmp_path, "boiler.csv", "\ufeffspeed,site,on,code\n1.5,hall A,true,007\n-2e3,,false,1\n")

    rows = rows_of_file(tmp_path, name)

    assert [row.value for row in rows] == [
        {"speed": 1.5, "site": "hall A", "on": True, "code": "007"},
        {"speed": -2000.0, "on": False, "code": 1},
    ]
    assert [row.where for row in rows] == ["boiler.csv, line 2", "boiler.csv, line 3"]
    assert packed_rows(rows).splitlines()[0] == b'{"speed":1.5,"site":"hall A","on":true,"code":"007"}'


def test_a_json_lines_file_is_sent_a_line_a_message(tmp_path: Path) -> None:
    name = file(tmp_path, "rows.jsonl", '{"a": {"b": [1, 2.0]}}\n\n["x\u2028y"]\n')

    assert packed_rows(rows_of_file(tmp_path, name)) == '{"a":{"b":[1,2.0]}}\n["x\u2028y"]\n'.encode()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "", "a.csv: has no row; at least one is wanted"),
        ("a.csv", "speed\n", "a.csv: has no row"),
        ("a.csv", f"a\n{'1' * 5000}\n", "a.csv, line 2, column 'a': has a number of 5_000 characters"),
        ("a.jsonl", r'{"a": "\ud800"}', "a.jsonl, line 1: has half of a surrogate pair"),
        ("a.csv", "a,b\n1,2\n3\n", "a.csv, line 3: number of fields is 1; the first line names 2"),
        ("a.csv", "a,,b\n1,2,3\n", "a.csv, line 1, column 2: has no name"),
        ("a.csv", "a,b,a\n1,2,3\n", "a.csv, line 1, column 3: 'a' is there twice"),
        ("a.csv", 'a\n"1"2\n', "a.csv, line 2: is not CSV: ',' expected after '\"'"),
        ("a.csv", b"a\n\xff\n", "a.csv: is not UTF-8: byte 2"),
        ("a.csv", "a\n1e999\n", "a.csv, line 2: has a number beyond what JSON readers hold"),
        ("a.jsonl", "\n", "a.jsonl: has no row"),
        ("a.jsonl", '{"a": 1}\n{"a": }\n', "a.jsonl, line 2, column 7: is not JSON: Expecting value"),
        ("a.jsonl", '{"a": NaN}\n', "a.jsonl, line 1: is not JSON: NaN is no number of JSON"),
        ("a.jsonl", "[" * 100_000, "a.jsonl, line 1: is not JSON"),
    ],
)
def test_what_cannot_be_replayed_is_refused_by_row_and_column(
    tmp_path: Path, name: str, content: str | bytes, message: str
) -> None:
    with pytest.raises(RowsError) as refusal:
        rows_of_file(tmp_path, file(tmp_path, name, content))

    assert str(refusal.value).startswith(message)


@pytest.mark.parametrize(("name", "row"), [("a.csv", "1,{}"), ("a.jsonl", '{{"id": 1, "picture": "{}"}}')])
def test_a_row_over_the_limit_of_a_message_is_refused_by_row_and_column(tmp_path: Path, name: str, row: str) -> None:
    header = "id,picture\n" if name == "a.csv" else '{"id": 0, "picture": ""}\n'
    fits = file(tmp_path, name, header + row.format("x" * (ROW_BYTES - 100)) + "\n")
    assert rows_of_file(tmp_path, fits)

    with pytest.raises(
        RowsError, match=f"{name}, line 2, column 'picture': is 258_[0-9]+ bytes as JSON; at most 258_048"
    ):
        rows_of_file(tmp_path, file(tmp_path, name, header + row.format("x" * ROW_BYTES) + "\n"))


def test_a_file_that_is_missing_outside_of_the_clone_or_huge_is_refused(tmp_path: Path) -> None:
    (tmp_path / "clone").mkdir()
    (tmp_path / "clone" / "out.csv").symlink_to(tmp_path / "secret.csv")
    file(tmp_path, "secret.csv", "a\n1\n")
    with (tmp_path / "clone" / "huge.csv").open("wb") as huge:
        huge.truncate(FILE_BYTES + 1)

    for name, message in {
        "none.csv": "none.csv: cannot be read in this clone: No such file",
        "out.csv": "out.csv: lies outside the clone",
        "huge.csv": "huge.csv: is 33_554_433 bytes; at most 33_554_432 are allowed",
    }.items():
        with pytest.raises(RowsError, match=message):
            rows_of_file(tmp_path / "clone", name)


def test_golden_examples_are_sent_as_they_are_but_for_those_that_no_message_holds() -> None:
    assert packed_golden(card({"speed": 1}, "x" * ROW_BYTES, [])) == b'{"speed":1}\n[]\n'
    with pytest.raises(RowsError, match="model boiler: no golden example \\(of 1\\) goes in a message"):
        packed_golden(card("x" * ROW_BYTES))


def test_a_name_that_is_no_path_is_refused(tmp_path: Path) -> None:
    (tmp_path / "circle.csv").symlink_to("circle.csv")
    for name in ("circle.csv", "a\0b.csv"):
        with pytest.raises(RowsError, match="is no path of a file"):
            rows_of_file(tmp_path, name)
