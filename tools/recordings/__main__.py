"""`python -m tools.recordings FOLDER [--json] [--only TEXT]`"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from standin.core.addresses import default_port_base
from tools.recordings.azure import HOME, running
from tools.recordings.cassette import NoCassette, read, recordings
from tools.recordings.replay import Player
from tools.recordings.report import Report


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    files = [file for file in recordings(options.folder) if options.only.lower() in file.name.lower()]
    if not files:
        print(f"{options.folder}: no *.yaml in it that is a recording", file=sys.stderr)
        return 2
    report = _judged(files)
    print(json.dumps(report.as_json(), indent=2) if options.json else "\n".join(report.lines()))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.recordings",
        description="Holds the stand-in's answers against recorded ones of Azure. Container groups run on Docker.",
    )
    parser.add_argument("folder", type=Path, help="with cassettes (*.yaml), at any depth")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", default="", metavar="TEXT", help="recordings with this in their file's name")
    return parser


def _judged(files: list[Path]) -> Report:
    report = Report()
    with tempfile.TemporaryDirectory(prefix="recordings-") as folder:
        state = Path(folder)
        with running(state, default_port_base(state)) as azure:
            for number, file in enumerate(files, start=1):
                if sys.stderr.isatty():
                    print(f"\r{number} of {len(files)}", end="", file=sys.stderr)
                try:
                    exchanges = read(file)
                except NoCassette as refusal:
                    report.unreadable.append(str(refusal))
                    continue
                azure.reset()  # containers of the one before, too
                report.add(file.name, Player(azure, HOME).play(exchanges))
            azure.reset()
    return report


if __name__ == "__main__":
    sys.exit(main())
