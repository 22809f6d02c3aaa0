"""The rows that `images/replay` sends, each a JSON text: of a CSV or JSON-lines file, or a model's golden examples.

A row of a CSV file becomes an object of its columns. What is spelt as JSON spells a number, and true and false, is
that; everything else is text, and an empty field is left out. A JSON-lines file is sent as it is, a line a message.
"""

from __future__ import annotations

import base64
import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clone.errors import CloneError
from contracts.card import JSON_MEDIA_TYPE, Body, Card

IMAGE_REPLAY = "replay"
"""The folder under `images/` that sends them."""
ROWS_FILE = "rows.jsonl"
"""In its build context."""
ROW_BYTES = 256 * 1024 - 4096
"""A message to IoT Hub is 256 KB at the most, properties included, for which the rest is kept.
https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-quotas-throttling"""
FILE_BYTES = 32 * 1024 * 1024

_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
_TRUTH = {"true": True, "false": False}


class RowsError(CloneError):
    """A file cannot be replayed: names it, the row and the column, and what is allowed."""


@dataclass(frozen=True, slots=True)
class Row:
    where: str
    """The file and the line."""
    value: Any
    body: bytes
    """The value as JSON, on one line."""


def rows_of_file(root: Path, name: str) -> list[Row]:
    """`name` is the path in the clone. Raises RowsError."""
    text = _text(root, name)
    parsed = _csv(name, text) if name.endswith(".csv") else _json_lines(name, text)
    rows = [_sendable(where, value) for where, value in parsed]
    if not rows:
        raise RowsError(f"{name}: has no row; at least one is wanted")
    return rows


def packed_rows(rows: Iterable[Row]) -> bytes:
    return b"".join(row.body + b"\n" for row in rows)


def packed_golden(card: Card) -> bytes:
    """The inputs of the golden examples that go in a message; raises RowsError where none does. A body that is no JSON
    is `=<media type> <base64>`, as no JSON text begins with that sign."""
    sendable = [_line(example.request) for example in card.golden if len(example.request.content) <= ROW_BYTES]
    if not sendable:
        raise RowsError(f"model {card.name}: no golden example (of {len(card.golden)}) goes in a message of 256 KB")
    return b"".join(line + b"\n" for line in sendable)


def _line(body: Body) -> bytes:
    if body.media_type == JSON_MEDIA_TYPE:
        return body.content
    return b"=" + body.media_type.encode() + b" " + base64.b64encode(body.content)


def _text(root: Path, name: str) -> str:
    path = root / name
    try:
        inside = path.resolve().is_relative_to(root.resolve())
    except (RuntimeError, ValueError) as error:  # links in a circle, a NUL in the name
        raise RowsError(f"{name!r}: is no path of a file") from error
    if not inside:
        raise RowsError(f"{name}: lies outside the clone")
    try:
        if path.stat().st_size > FILE_BYTES:
            raise RowsError(f"{name}: is {path.stat().st_size:_} bytes; at most {FILE_BYTES:_} are allowed")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise RowsError(f"{name}: cannot be read in this clone: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise RowsError(f"{name}: is not UTF-8: byte {error.start}") from error


def _sendable(where: str, value: Any) -> Row:
    try:
        body = _json(value)
    except UnicodeEncodeError as error:
        raise RowsError(f"{where}: has half of a surrogate pair, which is no text of UTF-8") from error
    except ValueError as error:
        raise RowsError(f"{where}: has a number beyond what JSON readers hold (1.8e308)") from error
    if len(body) > ROW_BYTES:
        raise RowsError(
            f"{where}{_largest(value)}: is {len(body):_} bytes as JSON; at most {ROW_BYTES:_} go in a message"
        )
    return Row(where, value, body)


def _largest(value: Any) -> str:
    if not isinstance(value, dict) or not value:
        return ""
    return f", column {max(value, key=lambda column: len(_json(value[column])))!r}"


def _json_lines(name: str, text: str) -> Iterator[tuple[str, Any]]:
    # a line ends where JSON lines end: str.splitlines() also parts at U+2028, which a JSON text may hold
    for number, line in enumerate(text.split("\n"), start=1):
        where = f"{name}, line {number}"
        if not line.strip():
            continue
        try:
            yield where, json.loads(line, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            column = f", column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
            raise RowsError(f"{where}{column}: is not JSON: {getattr(error, 'msg', error)}") from error


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


def _csv(name: str, text: str) -> Iterator[tuple[str, Any]]:
    before = csv.field_size_limit(FILE_BYTES)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        columns = _columns(name, next(reader, []))
        for fields in reader:
            where = f"{name}, line {reader.line_num}"
            if not fields:
                continue
            if len(fields) != len(columns):
                raise RowsError(f"{where}: number of fields is {len(fields)}; the first line names {len(columns)}")
            yield (
                where,
                {
                    column: _value(f"{where}, column {column!r}", field)
                    for column, field in zip(columns, fields, strict=True)
                    if field
                },
            )
    except csv.Error as error:
        raise RowsError(f"{name}, line {reader.line_num}: is not CSV: {error}") from error
    finally:
        csv.field_size_limit(before)


def _columns(name: str, header: list[str]) -> list[str]:
    columns = [column.strip() for column in header]
    for number, column in enumerate(columns, start=1):
        if not column:
            raise RowsError(f"{name}, line 1, column {number}: has no name")
        if column in columns[: number - 1]:
            raise RowsError(f"{name}, line 1, column {number}: {column!r} is there twice")
    return columns


def _value(where: str, text: str) -> Any:
    text = text.strip()
    if _NUMBER.fullmatch(text):
        try:
            return json.loads(text)
        except ValueError as error:  # of more digits than Python reads
            raise RowsError(f"{where}: has a number of {len(text):_} characters") from error
    return _TRUTH.get(text, text)


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
