"""The command `python -m models.<name>.data`, the same for every model: makes, reads or fetches its data.

`--out DIR [--seed N] [--rows N] | [--csv PATH] | [--url URL --sha256 HEX]` writes `DIR/data.csv`, prints its SHA-256.
Standard library only: whoever only fetches data needs no framework.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

DATA_FILE = "data.csv"


class DataError(ValueError):
    """Data that cannot be trained on: names the line, the column, the value and what is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What is a model's own about its data."""

    model: str
    make: Callable[[int, int], bytes]
    """Its own data as CSV, of a seed and a number of rows."""
    read: Callable[[bytes, str], bytes]
    """A given file as CSV, checked whole; the text says where it is from. Raises DataError."""
    rows: int
    """How many are made when nobody says."""
    fewest_rows: int
    command: str | None = None
    """What follows `python -m`; `models.<model>.data` if not given."""
    most_rows: int | None = None
    maximum_bytes: int = 64 * 1024 * 1024
    seed_help: str = "of the data (default 0)"


def run(source: Source, argv: Sequence[str] | None = None) -> int:
    arguments = _arguments(source, argv)
    try:
        content = _load(source, arguments)
    except (DataError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    arguments.out.mkdir(parents=True, exist_ok=True)
    part = arguments.out / f".{DATA_FILE}.part"
    part.write_bytes(content)
    part.replace(arguments.out / DATA_FILE)
    print(hashlib.sha256(content).hexdigest())
    return 0


def fetch(url: str, *, sha256: str, maximum_bytes: int, timeout_s: float = 60.0) -> bytes:
    """Download and check; nothing is kept of a download whose hash differs."""
    if not url.startswith(("https://", "http://")):
        raise DataError(f"url is {url!r}, must start with https:// or http://")
    request = urllib.request.Request(url, headers={"User-Agent": "edgeway"})
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as response:
            content: bytes = response.read(maximum_bytes + 1)
    except (OSError, HTTPException) as error:
        raise DataError(f"{url} cannot be fetched: {getattr(error, 'reason', error)}") from error
    if len(content) > maximum_bytes:
        raise DataError(f"{url} is larger than {maximum_bytes} bytes")
    if (actual := hashlib.sha256(content).hexdigest()) != sha256.lower():
        raise DataError(f"{url} has sha256 {actual}, expected {sha256}")
    return content


def _load(source: Source, arguments: argparse.Namespace) -> bytes:
    if arguments.csv is not None:
        return source.read(arguments.csv.read_bytes(), str(arguments.csv))
    if arguments.url is not None:
        fetched = fetch(arguments.url, sha256=arguments.sha256, maximum_bytes=source.maximum_bytes)
        return source.read(fetched, arguments.url)
    return source.make(arguments.seed, arguments.rows)


def _arguments(source: Source, argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=f"python -m {source.command or f'models.{source.model}.data'}", description="Make or fetch training data."
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--seed", type=int, default=0, help=source.seed_help)
    parser.add_argument("--rows", type=int, default=source.rows, help=f"how many (default {source.rows})")
    given = parser.add_mutually_exclusive_group()
    given.add_argument("--csv", type=Path, metavar="PATH", help="take this file instead")
    given.add_argument("--url", help="fetch this file instead; needs --sha256")
    parser.add_argument("--sha256", metavar="HEX")
    arguments = parser.parse_args(argv)
    if (arguments.url is None) != (arguments.sha256 is None):
        parser.error("--url and --sha256 belong together")
    if arguments.rows < source.fewest_rows or (source.most_rows is not None and arguments.rows > source.most_rows):
        parser.error(f"--rows is {arguments.rows}, must be {_allowed_rows(source.fewest_rows, source.most_rows)}")
    return arguments


def _allowed_rows(fewest: int, most: int | None) -> str:
    if most is None:
        return f"at least {fewest}"
    return f"{most}" if fewest == most else f"from {fewest} to {most}"
