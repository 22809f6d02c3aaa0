"""`python -m judges [--only node|go|az] [--json]`: the exit code is 0 where nothing failed."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from clone.root import ROOT
from judges import runs, table
from judges.verdicts import FAILED, Verdict, rows
from tools.own_standin import OwnStandin


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="make judges", description=__doc__)
    parser.add_argument("--only", choices=tuple(runs.RUNS), action="append", help="these judges alone")
    parser.add_argument("--json", action="store_true", help="counts and operations as JSON, instead of the table")
    asked = parser.parse_args(arguments)
    documented = rows(ROOT / "docs" / "parity.md")
    standin = OwnStandin(ROOT / ".local" / "judges")
    standin.start()
    try:
        verdicts = runs.all_of(asked.only or tuple(runs.RUNS), standin, documented)
    finally:
        standin.stop()
    return tell(verdicts, as_json=asked.json)


def tell(verdicts: Sequence[Verdict], *, as_json: bool) -> int:
    failed = [one for one in verdicts if one.outcome == FAILED]
    for one in failed:
        print(f"FAILED {one.client}: {one.operation}\n  expected: {one.expected}\n  told: {one.told}", file=sys.stderr)
    print(json.dumps(table.document(verdicts), indent=2) if as_json else table.text(verdicts))
    return 1 if failed or not verdicts else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
