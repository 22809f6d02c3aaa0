"""The outcomes of all recordings, by what they are about and by kind of difference."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from tools.recordings.replay import Outcome, Verdict
from tools.recordings.shapes import Difference, What

_EXAMPLES = 3


@dataclass(slots=True)
class Found:
    """One difference, wherever it was met."""

    answers: int = 0
    recordings: set[str] = field(default_factory=set)
    versions: set[str] = field(default_factory=set)
    requests: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class About:
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    alike: int = 0
    differences: defaultdict[Difference, Found] = field(default_factory=lambda: defaultdict(Found))


class Report:
    def __init__(self) -> None:
        self.recordings = 0
        self.unreadable: list[str] = []
        self._subjects: dict[str, About] = {}
        self._spelt: dict[str, str] = {}

    def add(self, recording: str, outcomes: Iterator[Outcome]) -> None:
        self.recordings += 1
        for outcome in outcomes:
            about = self._about(outcome.subject)
            about.verdicts[outcome.verdict] += 1
            about.alike += outcome.verdict == "compared" and not outcome.differences
            for difference in set(outcome.differences):
                found = about.differences[difference]
                found.answers += 1
                found.recordings.add(recording)
                found.versions.add(outcome.exchange.api_version)
                found.requests[outcome.exchange.method] += 1

    def _about(self, subject: str) -> About:
        return self._subjects.setdefault(self._spelt.setdefault(subject.lower(), subject), About())

    def totals(self) -> dict[str, Any]:
        compared = {name: one for name, one in self._subjects.items() if one.verdicts["compared"]}
        verdicts: Counter[str] = Counter()
        for one in self._subjects.values():
            verdicts.update(one.verdicts)
        kinds = Counter(difference.what for one in compared.values() for difference in one.differences)
        return {
            "recordings": self.recordings,
            "unreadable": self.unreadable,
            "types": len(compared),
            "alike": sum(one.alike for one in compared.values()),
            "answers": {verdict: verdicts[verdict] for verdict in get_args(Verdict)},
            "differences": {what: kinds[what] for what in get_args(What)},
        }

    def as_json(self) -> dict[str, Any]:
        return {
            "totals": self.totals(),
            "subjects": {
                name: {
                    "answers": dict(one.verdicts),
                    "alike": one.alike,
                    "differences": [_as_json(difference, found) for difference, found in _ordered(one.differences)],
                }
                for name, one in sorted(self._subjects.items())
            },
        }

    def lines(self) -> Iterator[str]:
        for name, one in sorted(self._subjects.items()):
            if one.verdicts["compared"]:
                yield f"{name}: {one.verdicts['compared']} compared, {one.alike} alike"
                yield from (_line(difference, found) for difference, found in _ordered(one.differences))
        yield from ("", *_total_lines(self.totals()))


def _ordered(differences: Mapping[Difference, Found]) -> list[tuple[Difference, Found]]:
    order = get_args(What)
    return sorted(differences.items(), key=lambda item: (order.index(item[0].what), -item[1].answers, item[0].path))


def _line(difference: Difference, found: Found) -> str:
    what, path = difference.what, difference.path
    versions = ", ".join(sorted(found.versions)[-_EXAMPLES:])
    return (
        f"  {what:<8}{path:<60} {difference.recorded or '-'} | {difference.ours or '-'}"
        f"  ({found.answers} of {len(found.recordings)}; {'/'.join(sorted(found.requests))} {versions})"
    )


def _as_json(difference: Difference, found: Found) -> dict[str, Any]:
    return {
        "what": difference.what,
        "path": difference.path,
        "recorded": difference.recorded,
        "ours": difference.ours,
        "answers": found.answers,
        "methods": sorted(found.requests),
        "apiVersions": sorted(found.versions),
        "recordings": sorted(found.recordings)[:_EXAMPLES],
    }


def _total_lines(totals: Mapping[str, Any]) -> Iterator[str]:
    answers, differences = totals["answers"], totals["differences"]
    yield f"{totals['recordings']} recordings, {len(totals['unreadable'])} unreadable"
    yield f"{answers['compared']} answers of {totals['types']} types compared, {totals['alike']} alike"
    yield "not compared: " + ", ".join(f"{answers[name]} {name}" for name in answers if name != "compared")
    yield "different: " + ", ".join(f"{number} {what}" for what, number in differences.items())
