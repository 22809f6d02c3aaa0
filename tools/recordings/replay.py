"""One recording, played to the stand-in in its order."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol
from urllib.parse import urlsplit

from tools.recordings.answers import code, compare, is_over
from tools.recordings.cassette import Answer, Exchange
from tools.recordings.rewriting import Home, Terms
from tools.recordings.shapes import Difference
from tools.recordings.subject import ARM, GROUPS, group_of, subject

Verdict = Literal["compared", "not built", "not there", "no operation", "passed over"]
"""`not there`: it was made outside the recording, or is refused here. `no operation`: done at once here. `passed over`:
Azure's mood (throttled, still at it)."""
_NOT_BUILT = ("InvalidResourceType", "InvalidResourceNamespace", "UnsupportedApiVersion", "MissingRouteHandler")
_MOODS = (401, 408, 429, 500, 502, 503, 504)
_POLLS, _PAUSE_S = 200, 0.05


class Service(Protocol):
    types: frozenset[str]

    def send(self, method: str, url: str, headers: dict[str, str], text: str, *, signed: bool = True) -> Answer: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    exchange: Exchange
    subject: str
    verdict: Verdict
    ours: Answer | None = None
    differences: Sequence[Difference] = ()


class Player:
    def __init__(self, service: Service, home: Home) -> None:
        self._service = service
        self._terms = Terms(home)
        self._operations: dict[str, str] = {}
        """Where Azure sent its client to poll -> where the stand-in sends it."""
        self._open: set[str] = set()

    def play(self, exchanges: Sequence[Exchange]) -> Iterator[Outcome]:
        self._make_groups(exchanges)
        for exchange in exchanges:
            if (poll := self._recorded_poll(exchange)) is not None:
                yield self._followed(exchange, poll)
            elif (about := subject(exchange)) is not None:
                yield self._asked(exchange, about)

    def _make_groups(self, exchanges: Sequence[Exchange]) -> None:
        """Those that a recording uses and does not make: its test's frame made them."""
        first: dict[str, Exchange] = {}
        told: dict[str, Exchange] = {}
        for exchange in exchanges:
            if (group := group_of(exchange)) is not None:
                first.setdefault(group.lower(), exchange)
                if exchange.method == "GET" and subject(exchange) == GROUPS and exchange.answer.status == 200:
                    told.setdefault(group.lower(), exchange)
        for group, exchange in first.items():
            made = exchange.method == "PUT" and subject(exchange) == GROUPS
            if not made and code(exchange.answer) != "ResourceGroupNotFound":
                self._make_group(group, told.get(group))

    def _make_group(self, group: str, told: Exchange | None) -> None:
        body = told.answer.body if told else {}
        envelope = {"location": body.get("location", "westus"), "tags": body.get("tags", {})}
        url = f"https://{ARM}/subscriptions/s/resourceGroups/{group}?api-version=2021-04-01"
        self._service.send("PUT", self._terms.of_url(url), {"content-type": "application/json"}, json.dumps(envelope))

    def _asked(self, exchange: Exchange, about: str) -> Outcome:
        if exchange.answer.status in _MOODS and not exchange.answer.headers.get("www-authenticate"):
            return Outcome(exchange=exchange, subject=about, verdict="passed over")
        self._finish_operations()
        ours = self._send(exchange)
        verdict = self._verdict(about, exchange.answer, ours)
        self._note_operation(exchange.answer, ours)
        if verdict != "compared":
            return Outcome(exchange=exchange, subject=about, verdict=verdict, ours=ours)
        found = compare(exchange.answer, ours)
        self._terms.learn(exchange.answer, ours)
        return Outcome(exchange=exchange, subject=about, verdict="compared", ours=ours, differences=found)

    def _send(self, exchange: Exchange) -> Answer:
        signed = exchange.answer.status != 401
        url, headers = self._terms.of_url(exchange.url), self._terms.of_headers(exchange.headers)
        return self._service.send(exchange.method, url, headers, self._terms.of_body(exchange.text), signed=signed)

    def _note_operation(self, recorded: Answer, ours: Answer) -> None:
        for name in ("azure-asyncoperation", "location"):
            if name in recorded.headers:
                self._operations[_place(recorded.headers[name])] = ours.headers.get(name, "")
            if ours.status < 400 and name in ours.headers and "/operation" in ours.headers[name].lower():
                self._open.add(ours.headers[name])

    def _recorded_poll(self, exchange: Exchange) -> str | None:
        return self._operations.get(_place(exchange.url)) if exchange.method == "GET" else None

    def _followed(self, exchange: Exchange, url: str) -> Outcome:
        about = "long operations"
        if not url:
            return Outcome(exchange=exchange, subject=about, verdict="no operation")
        over = is_over(exchange.answer)
        if not over and url not in self._open:
            return Outcome(exchange=exchange, subject=about, verdict="passed over")
        ours = self._end_of(url) if over else self._service.send("GET", url, {}, "")
        if is_over(ours):
            self._open.discard(url)
            if not over:
                return Outcome(exchange=exchange, subject=about, verdict="passed over")
        self._terms.learn(exchange.answer, ours)
        found = compare(exchange.answer, ours)
        return Outcome(exchange=exchange, subject=about, verdict="compared", ours=ours, differences=found)

    def _verdict(self, about: str, recorded: Answer, ours: Answer) -> Verdict:
        refused_as_unknown = code(ours) in _NOT_BUILT and code(recorded) != code(ours)
        if refused_as_unknown or (ours.status >= 400 and self._is_no_type(about)):
            return "not built"
        gone = ours.status == 404 and recorded.status < 400
        return "not there" if gone or (ours.status == 204 and recorded.status in (200, 202)) else "compared"

    def _is_no_type(self, about: str) -> bool:
        """A refusal says nothing of what is not built: a group that is gone is told first."""
        return about.startswith("Microsoft.") and about.lower() not in self._service.types

    def _finish_operations(self) -> None:
        for url in sorted(self._open):
            self._end_of(url)
        self._open.clear()

    def _end_of(self, url: str) -> Answer:
        for _ in range(_POLLS):
            answer = self._service.send("GET", url, {}, "")
            if is_over(answer):
                break
            time.sleep(_PAUSE_S)
        return answer


def _place(url: str) -> str:
    """The same operation: Azure signs these addresses in their queries."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}".lower()
