"""What the engine says that it will do, or has done: `pulumi preview --json`, or its event log, as one kind of value.

Formats: https://pkg.go.dev/github.com/pulumi/pulumi/sdk/v3/go/common/apitype (PreviewDigest, EngineEvent). Both hold
`[secret]` instead of secrets.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cli.errors import Refused
from cli.forecast.shape import WANTED, checked_config, checked_counts, checked_step

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""How the engine spells a text that is not known before `up` (plugin.UnknownStringValue); lists and maps differ."""
SECRET = "[secret]"  # noqa: S105 - what stands instead of one
_UNKNOWN = "04da6b54-80e4-46f7-96ec-"
_EVENT_MARKS = frozenset({"sequence", "preludeEvent", "resOutputsEvent", "resOpFailedEvent", "summaryEvent"})
_OPERATIONS = frozenset({"create", "update", "replace", "delete", "same"})
_READ_AS = {"import": "create", "import-replacement": "replace", "read-replacement": "replace"}


def is_known(value: Any) -> bool:
    return not (isinstance(value, str) and value.startswith(_UNKNOWN))


def is_withheld(content: Any) -> bool:
    """Of a deployment: as a whole, or by its sections, as the engine has both."""
    return content == SECRET or (isinstance(content, Mapping) and SECRET in content.values())


@dataclass(frozen=True, slots=True)
class Operation:
    """One resource and what happens to it. `old` and `new` are inputs; empty where it was not, or will not be."""

    op: str
    urn: str
    old: Mapping[str, Any]
    new: Mapping[str, Any]
    outputs: Mapping[str, Any] = field(default_factory=dict)
    """As far as they are known."""

    @property
    def type(self) -> str:
        return self.urn.split("::")[-2].rpartition("$")[2]

    @property
    def name(self) -> str:
        return self.urn.split("::")[-1]

    @property
    def is_ours(self) -> bool:
        """Something that is there; components, the stack and its providers only order such things."""
        return not self.type.startswith(("edgeway:", "pulumi:"))


@dataclass(frozen=True, slots=True)
class Operations:
    all: Sequence[Operation]
    config: Mapping[str, str] = field(default_factory=dict)
    """Of the stack, as the engine gives it to the program: what is no text is JSON."""
    done: bool = False
    """Whether this has happened, and is no plan."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """The engine's own, by operation: components and the stack too, but not the providers that it makes for itself."""

    @property
    def changes(self) -> list[Operation]:
        return [one for one in self.all if one.op != "same" and one.is_ours]

    def of(self, kind: str, *ops: str) -> list[Operation]:
        """Of a type by its last word (`ContainerGroup`); all operations, or the named ones."""
        wanted = ops or ("create", "update", "replace", "delete")
        return [one for one in self.all if one.type.rpartition(":")[2] == kind and one.op in wanted]


def read_operations(text: str) -> Operations:
    """Refused where the text is neither of both, with the place."""
    try:
        document = json.loads(text)
    except ValueError:
        return _of_events(_lines(text))
    except RecursionError as error:
        raise Refused(f"this is JSON nested without measure; {WANTED}") from error
    if isinstance(document, dict) and ("steps" in document or "changeSummary" in document):
        steps = document.get("steps") or []
        if not isinstance(steps, list):
            raise Refused(f"steps: is no list; {WANTED}")
        found = [_of_step(f"steps[{index}]", step) for index, step in enumerate(steps)]
        config = checked_config("config", document.get("config"))
        return Operations(
            [*_unique(found)], config, counts=checked_counts("changeSummary", document.get("changeSummary"))
        )
    return _of_events([document])


def _lines(text: str) -> list[Any]:
    """The log of an engine that was killed may end within a line."""
    *lines, last = text.splitlines() or [""]
    try:
        events = [json.loads(line) for line in lines if line.strip()]
        return events + ([json.loads(last)] if text.endswith("\n") or not events else [])
    except (ValueError, RecursionError) as error:
        raise Refused(f"this is no JSON ({error}); {WANTED}") from error


def _of_events(events: Sequence[Any]) -> Operations:
    if not events or not all(isinstance(event, dict) and _EVENT_MARKS & {*event} for event in events):
        raise Refused(f"no 'steps' and no events; {WANTED}")
    config: Mapping[str, str] = {}
    counts: Mapping[str, int] = {}
    found = []
    done = True
    for number, event in enumerate(events, start=1):
        # what was begun and failed has no event of its outputs, and so has not happened
        outputs, prelude, summary = (
            _body(number, event, kind) for kind in ("resOutputsEvent", "preludeEvent", "summaryEvent")
        )
        done = done and not outputs.get("planning", False)
        if summary:
            counts = checked_counts(f"event {number}: summaryEvent.resourceChanges", summary.get("resourceChanges"))
        if prelude.get("config"):
            config = checked_config(f"event {number}: preludeEvent.config", prelude["config"])
        if "metadata" in outputs:
            metadata = checked_step(f"event {number}: resOutputsEvent.metadata", outputs["metadata"])
            found.append(_operation(metadata["op"], metadata["urn"], metadata.get("old"), metadata.get("new")))
    return Operations([*_unique(found)], config, done, counts)


def _body(number: int, event: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    body = event.get(kind)
    if body is not None and not isinstance(body, dict):
        raise Refused(f"event {number}: {kind}: is no object; {WANTED}")
    return body or {}


def _of_step(where: str, given: Any) -> Operation:
    step = checked_step(where, given)
    return _operation(step["op"], step["urn"], step.get("oldState"), step.get("newState"))


def _operation(op: str, urn: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Operation:
    old, new = old or {}, new or {}
    op = _READ_AS.get(op, op)
    inputs = {} if op == "delete" else new.get("inputs") or {}
    before = {} if op == "create" else old.get("inputs") or {}
    return Operation(op, urn, before, inputs, new.get("outputs") or {})


def _unique(found: Iterable[Operation]) -> Iterable[Operation]:
    """The steps of one replacement are one; a refresh or a read is none. The preview's log names some twice."""
    seen: dict[str, Operation] = {}
    for one in found:
        if one.op in _OPERATIONS and seen.get(one.urn, one).op in ("same", one.op):
            seen[one.urn] = one
    return seen.values()
