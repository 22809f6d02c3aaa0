"""What is told of a run: lines on the screen, the JSON document, and from that the text of an issue."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from cli.first_contact.finding import Finding, Outcome
from cli.first_contact.redaction import redacted
from cli.first_contact.running import StepResult
from cli.first_contact.step import Step
from cli.screen import wrapped
from clone.root import ROOT
from cloud.wording import counted

_MARKS = {
    Outcome.EXPECTED: "ok ",
    Outcome.SURPRISE: "NOT",
    Outcome.NOT_ASKED: " ? ",
    Outcome.NOT_MEANT: " - ",
}
_PACKAGES = ("azure-identity", "azure-iot-hub", "azure-ai-ml", "pulumi-azure-native")
PAGE = "docs/parity.md"


def table(steps: Sequence[Step], width: int) -> list[str]:
    """Steps with price and time limit, as wide as the screen."""
    rows = [("step", "price", "at most", "what it does")]
    rows += [(f"{one.number} {one.name}", one.price, f"{one.limit_s:.0f} s", one.does) for one in steps]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = ["  ".join([*(f"{cell:<{widths[index]}}" for index, cell in enumerate(row[:3])), row[3]]) for row in rows]
    indent = " " * min(sum(widths) + 2 * len(widths), width // 2)
    return [part for one in lines for part in wrapped(one, width, indent)]


def line(finding: Finding) -> str:
    return f"{_MARKS[finding.outcome]} {finding.expectation:<26} {finding.seconds:6.1f} s  {finding.found}"


def document(
    results: Sequence[StepResult], *, stack: str, location: str, left: Sequence[str], began: datetime
) -> dict[str, Any]:
    """What is written down, without what must not leave the house."""
    steps = [
        {
            "step": result.step.number,
            "name": result.step.name,
            "price": result.step.price,
            "seconds": round(result.seconds, 1),
            "findings": [
                {
                    "expectation": one.expectation,
                    "outcome": str(one.outcome),
                    "found": one.found,
                    "seconds": round(one.seconds, 2),
                }
                for one in result.findings
            ],
        }
        for result in results
    ]
    told: dict[str, Any] = redacted(
        {"stack": stack, "location": location, "steps": steps, "left": list(left), "commit": _commit()}
    )
    return {**told, "began": began.astimezone(UTC).isoformat(timespec="seconds"), "versions": _versions()}


def issue(told: Mapping[str, Any]) -> str:
    """Markdown that can be sent as it is."""
    surprises = [one for one in _findings(told) if one["outcome"] == Outcome.SURPRISE]
    silent = sum(one["outcome"] == Outcome.NOT_ASKED for one in _findings(told))
    fine = f"no surprise, {counted(silent, 'row')} not asked" if silent else "all as expected"
    head = ", ".join(one["expectation"] for one in surprises) or fine
    lines = [f"# first-contact in {told['location']}: {head}", ""]
    lines += [f"Commit {told['commit']}, begun {told['began']}, stack `{told['stack']}`.", ""]
    if surprises:
        lines += [f"Rows of {PAGE} that Azure contradicts:", ""]
        lines += [f"- `{one['expectation']}`: {one['found']}" for one in surprises] + [""]
    lines += ["| step | row | outcome | seconds | found |", "|---|---|---|---|---|"]
    for step in told["steps"]:
        for one in step["findings"]:
            cell = " ".join(str(one["found"]).replace("|", "\\|").split())
            row = (f"{step['step']} {step['name']}", f"`{one['expectation']}`", one["outcome"], one["seconds"], cell)
            lines.append("| " + " | ".join(map(str, row)) + " |")
    if told["left"]:
        lines += ["", "Left behind:", *(f"- {one}" for one in told["left"])]
    versions = ", ".join(f"{name} {number}" for name, number in told["versions"].items())
    return "\n".join([*lines, "", f"Versions: {versions}.", ""])


def _findings(told: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one for step in told["steps"] for one in step["findings"]]


def _commit() -> str:
    asked = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() or "unknown"


def _versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
