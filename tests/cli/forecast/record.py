"""Records what the real engine says of a change, for the tests of the sentences: small, as nothing reads the rest.

    PULUMI_DEBUG_COMMANDS=true tools/stack.sh local pulumi preview --stack local --json --event-log events | \\
        .venv/bin/python -m tests.cli.forecast.record CASE [events]

It writes `recorded/CASE.json`, and `recorded/CASE.events` where a log is named.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).parent / "recorded"
_LONGEST = 200
_KEPT_OUTPUTS = ("digest", "version", "identityKind")
_KEPT_EVENTS = ("preludeEvent", "resOutputsEvent", "resOpFailedEvent", "summaryEvent")


def reduced_preview(document: Mapping[str, Any]) -> dict[str, Any]:
    return {**document, "steps": [_step(step) for step in document["steps"]]}


def reduced_events(lines: list[str]) -> list[dict[str, Any]]:
    events = [json.loads(line) for line in lines]
    return [_event(one) for one in events if any(kind in one for kind in _KEPT_EVENTS)]


def _step(step: Mapping[str, Any]) -> dict[str, Any]:
    return {**step, **{side: _state(step[side]) for side in ("oldState", "newState") if step.get(side)}}


def _event(event: Mapping[str, Any]) -> dict[str, Any]:
    kind = next(one for one in _KEPT_EVENTS if one in event)
    body = dict(event[kind])
    if "metadata" in body:
        given = body["metadata"]
        if given["op"] == "same" and not given["type"].startswith("mledge:iothub:"):
            return {kind: {"metadata": {name: given[name] for name in ("op", "urn", "type")}}}
        body["metadata"] = {**given, **{side: _state(given[side]) for side in ("old", "new") if given.get(side)}}
    return {kind: body}


def _state(state: Mapping[str, Any]) -> dict[str, Any]:
    outputs = {name: value for name, value in (state.get("outputs") or {}).items() if name in _KEPT_OUTPUTS}
    kept = {name: state[name] for name in ("type", "urn", "custom", "id", "protect") if name in state}
    return {**kept, "inputs": _shortened(state.get("inputs") or {}), "outputs": outputs}


def _shortened(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _shortened(one) for name, one in value.items() if name != "card"}
    if isinstance(value, list):
        return [_shortened(one) for one in value]
    return f"{value[:_LONGEST]}..." if isinstance(value, str) and len(value) > _LONGEST else value


def main() -> None:
    case, *log = sys.argv[1:]
    RECORDED.mkdir(exist_ok=True)
    text = sys.stdin.read()
    if text.strip():
        (RECORDED / f"{case}.json").write_text(
            json.dumps(reduced_preview(json.loads(text)), separators=(",", ":")) + "\n"
        )
    for name in log:
        events = reduced_events(Path(name).read_text().splitlines())
        (RECORDED / f"{case}.events").write_text(
            "".join(json.dumps(one, separators=(",", ":")) + "\n" for one in events)
        )


if __name__ == "__main__":
    main()
