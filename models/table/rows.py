"""A table's rows: simulated by a seed, or read from CSV, every value checked before any is used."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from random import Random
from typing import Any

from models.source import DATA_FILE, DataError
from models.table.table import Table

Row = Mapping[str, Any]
FEWEST_ROWS = 50
FEWEST_OF_A_CLASS = 4
REPORTED_PROBLEMS = 5
_OTHER_SEPARATORS = {";": "';'", "\t": "a tab"}


def simulated(table: Table[Any], *, seed: int, rows: int) -> bytes:
    if table.simulate is None:
        raise DataError("the model has no simulator; give its data: --csv PATH, or --url with --sha256")
    made = to_csv(table, islice(table.simulate(Random(seed)), rows))
    parse_csv(table, made, where="the model's simulator")
    return made


def to_csv(table: Table[Any], rows: Iterable[Row]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows([column.text(row[name]) for name, column in table.columns.items()] for row in rows)
    return out.getvalue().encode()


def canonical(table: Table[Any], content: bytes, where: str) -> bytes:
    """A given file in the one spelling that training hashes: this table's columns, in its order."""
    return to_csv(table, parse_csv(table, content, where=where))


def parse_csv(table: Table[Any], content: bytes, *, where: str = DATA_FILE) -> list[Row]:
    """Columns in any order, others beside them passed over. Raises DataError with the first lines that are wrong."""
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    except UnicodeDecodeError as error:
        raise DataError(f"{where}: not UTF-8: byte {error.start}") from error
    header = reader.fieldnames or []
    if len(header) == 1 and (mark := next((mark for mark in _OTHER_SEPARATORS if mark in header[0]), None)):
        raise DataError(
            f"{where}, line 1: its columns are separated by {_OTHER_SEPARATORS[mark]}, commas are wanted, "
            "and points in numbers"
        )
    if missing := [name for name in table.columns if name not in header]:
        raise DataError(f"{where}, line 1: column {missing[0]} is missing; there are: {', '.join(header) or 'none'}")
    rows: list[Row] = []
    problems: list[str] = []
    for fields in reader:
        found = list(_problems(table, fields))
        problems += [f"{where}, line {reader.line_num}: {problem}" for problem in found]
        if not found:
            rows.append({name: column.read(fields[name].strip()) for name, column in table.columns.items()})
    if problems:
        more = len(problems) - REPORTED_PROBLEMS
        raise DataError("\n".join(problems[:REPORTED_PROBLEMS]) + (f"\n... and {more} more" if more > 0 else ""))
    _check(table, rows, where)
    return rows


def _problems(table: Table[Any], fields: Mapping[str, str | None]) -> Iterator[str]:
    for name, column in table.columns.items():
        text = fields[name]
        if text is None:
            yield f"{name} is missing"
            continue
        try:
            column.read(text.strip())
        except ValueError:
            yield f"{name} is {text!r}, must be {column.allowed}"


def _check(table: Table[Any], rows: list[Row], where: str) -> None:
    if len(rows) < FEWEST_ROWS:
        raise DataError(f"{where}: at least {FEWEST_ROWS} rows are needed, found: {len(rows)}")
    if table.is_regression:
        return
    counts = Counter(row[table.label] for row in rows)
    if len(counts) < 2:
        raise DataError(f"{where}: every row has {table.label} {next(iter(counts))}; a second one is needed to learn")
    rarest, count = min(counts.items(), key=lambda item: item[1])
    if count < FEWEST_OF_A_CLASS:
        needed = f"at least {FEWEST_OF_A_CLASS} rows of {table.label} {rarest} are needed"
        raise DataError(f"{where}: {needed}, found: {count}")
