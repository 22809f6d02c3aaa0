"""`edgeway first-contact`: asks Azure for nothing or for cents whether it is what docs/parity.md takes it for."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cli.arguments import add_stack
from cli.command import Command
from cli.errors import Refused
from cli.screen import columns, wrapped
from cli.stack.environment import enter
from cli.stack.file import stack_file
from cloud.wording import counted

if TYPE_CHECKING:
    from cli.first_contact.finding import Finding
    from cli.first_contact.running import StepResult
    from cli.first_contact.step import Step

_FILE = "first-contact.json"
_RANGE = re.compile(r"(\d+)(?:-(\d+))?")


def _options(parser: argparse.ArgumentParser) -> None:
    add_stack(parser)
    parser.add_argument("--steps", default=None, metavar="N-M", help="which ones: 0-5, or 7, or 1,3-4 (default all)")
    parser.add_argument(
        "--scratch", action="store_true", help="also those that make something, in a group of their own"
    )
    parser.add_argument("--yes", action="store_true", help="spend more than cents where a step needs it")
    parser.add_argument("--keep-going", action="store_true", help="do not stop at the first surprise")
    parser.add_argument(
        "--list", "--dry-run", action="store_true", help="print steps, prices and time limits; ask nothing"
    )
    parser.add_argument("--json", default=_FILE, metavar="FILE", help=f"where the answers go (default {_FILE})")
    parser.add_argument(
        "--report", action="store_true", help="print FILE, of an earlier run, as the text of an issue; ask nothing"
    )


def run(arguments: argparse.Namespace) -> int:
    from cli.first_contact import report
    from cli.first_contact.steps import STEPS

    file = Path(arguments.json)
    if arguments.report:
        print(_issue(file))
        return 0
    steps = chosen(STEPS, arguments.steps, scratch=arguments.scratch)
    table = "\n".join(report.table(steps, columns()))
    if arguments.list:
        stack_file(arguments.stack)
        print(table)
        if not arguments.scratch:
            print("\n".join(wrapped("what makes something, in a group of its own: `--list --scratch`", columns())))
        return 0
    _tell(table)
    _can_be_written(file)
    enter(arguments.stack)
    return _ask(arguments, steps, file)


def _ask(arguments: argparse.Namespace, steps: Sequence[Step], file: Path) -> int:
    from cli.first_contact import report
    from cli.first_contact.contact import Contact
    from cli.first_contact.running import closing, run_steps

    began = datetime.now(UTC)
    contact = Contact.of_stack(arguments.stack, yes=arguments.yes, tell=_tell)
    if any(step.number for step in steps):
        _tell(f"subscription {contact.subscription}, {contact.location}")
    results: list[StepResult] = []
    left: list[str] = []
    try:
        with closing(contact, _tell) as left:
            run_steps(steps, contact, results, keep_going=arguments.keep_going, begun=_begun, found=_found)
    except BaseException:
        for one in left:
            _tell(f"left behind: {one}")
        raise
    finally:
        told = report.document(results, stack=arguments.stack, location=contact.location, left=left, began=began)
        file.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    return _ended(results, left, file, arguments.stack)


def _ended(results: Sequence[StepResult], left: Sequence[str], file: Path, stack: str) -> int:
    """The last lines, and the exit code."""
    from cli.first_contact.finding import Outcome
    from cli.first_contact.report import PAGE

    print("".join(f"left behind: {one}\n" for one in left), end="")
    surprises = [one for result in results for one in result.findings if one.outcome is Outcome.SURPRISE]
    silent = [one for result in results for one in result.findings if one.outcome is Outcome.NOT_ASKED]
    for one in surprises:
        print(f"a surprise: Azure contradicts the row `{one.expectation}` of {PAGE}")
    if surprises:
        print(f"{file} has it all, without keys and ids; as the text of an issue:")
        print(f"  edgeway first-contact --report --json {file}")
        return 1
    open_ends = ["not all that was made is deleted"] if left else []
    if silent:
        open_ends.append(f"{len(silent)} could not be asked: {', '.join(one.expectation for one in silent)}")
    if open_ends:
        print("\n".join(wrapped(f"no surprise, but {' and '.join(open_ends)}", columns())))
        return 2
    rows = sum(len(result.findings) for result in results)
    print(f"all as expected: {counted(rows, 'row')} of {PAGE}; {file}")
    return 0


def chosen(steps: Sequence[Step], text: str | None, *, scratch: bool) -> list[Step]:
    """Raises Refused for a number that is no step, or a step that makes something without --scratch."""
    if text is None:
        return [step for step in steps if scratch or not step.is_scratch]
    wanted = _numbers(text)
    known = {step.number: step for step in steps}
    if unknown := sorted(wanted - known.keys()):
        raise Refused(f"--steps {text}: there is no step {unknown[0]}; there are {min(known)} to {max(known)}")
    found = [known[number] for number in sorted(wanted)]
    if not scratch and (making := [step for step in found if step.is_scratch]):
        raise Refused(f"step {making[0].number} makes something in Azure: say --scratch, which deletes it again")
    return found


def _numbers(text: str) -> set[int]:
    numbers: set[int] = set()
    for part in text.split(","):
        match = _RANGE.fullmatch(part.strip())
        if match is None or int(match[2] or match[1]) > 99:
            raise Refused(f"--steps {text!r} is refused; numbers and ranges such as 0-5 or 1,3-4 are allowed")
        if int(match[2] or match[1]) < int(match[1]):
            raise Refused(f"--steps {text}: {match[0]} goes backwards: that is no step at all")
        numbers |= set(range(int(match[1]), int(match[2] or match[1]) + 1))
    return numbers


def _can_be_written(file: Path) -> None:
    """Asked first: answers that took an hour and cents are not lost at their end."""
    if file.is_dir():
        raise Refused(f"{file} cannot be written: it is a folder")
    if not file.parent.is_dir():
        raise Refused(f"{file} cannot be written: no folder {str(file.parent)!r}")
    if not os.access(file if file.exists() else file.parent, os.W_OK):
        raise Refused(f"{file} cannot be written: permission denied")


def _issue(file: Path) -> str:
    from cli.first_contact import report

    try:
        return report.issue(json.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}; a run writes it") from error
    except (ValueError, AttributeError, LookupError, TypeError, RecursionError) as error:
        raise Refused(f"{file} was not written by `edgeway first-contact`") from error


def _tell(text: str) -> None:
    with suppress(OSError):  # a terminal that is gone ends nothing, the purge least of all
        print(text, file=sys.stderr, flush=True)


def _begun(step: Step) -> None:
    print(f"step {step.number}, {step.name}: {step.does}", flush=True)


def _found(finding: Finding) -> None:
    from cli.first_contact.report import line

    print("\n".join(wrapped(line(finding), columns(), indent=" " * 42)), flush=True)


COMMAND = Command(
    name="first-contact",
    help="ask Azure, for nothing or for cents, whether it is what the program takes it for",
    description=(
        "Asks Azure step by step, by price; stops at the first surprise and names the row of docs/parity.md that it "
        "contradicts. Exits with 0 when all is as expected, 1 at a surprise, 2 when something could not be asked."
    ),
    add_options=_options,
    run=run,
)
