"""What differs between two answers to one request: status, headers that say something, and the body's shape."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tools.recordings.cassette import Answer
from tools.recordings.shapes import Difference, differences

HEADERS = (
    "azure-asyncoperation",
    "location",
    "retry-after",
    "etag",
    "www-authenticate",
    "x-ms-error-code",
    "iothub-errorcode",
)
"""Beside the media type. The rest (caching, tracing, quotas left) means nothing to a client of ours."""
_ON_THE_WAY = frozenset(
    {"accepted", "creating", "updating", "deleting", "inprogress", "provisioning", "pending", "running", "softdeleting"}
    | {"registeringdns", "resolvingdns"}
)
"""States that pass: how long Azure stays in one is no property of an answer."""


def compare(recorded: Answer, ours: Answer) -> list[Difference]:
    found = list(_status(recorded, ours))
    if recorded.status >= 400 or ours.status >= 400:
        same = recorded.status >= 400 and ours.status >= 400
        return [*found, *(_bodies(recorded, ours) if same else ())]
    return [*found, *_headers(recorded, ours), *_bodies(recorded, ours)]


def code(answer: Answer) -> str:
    body = answer.body
    error = body.get("error", body) if isinstance(body, dict) else {}
    return str(error.get("code", "")) if isinstance(error, dict) else ""


def is_over(answer: Answer) -> bool:
    """Of an answer to a poll, by status or by what the body says."""
    body = answer.body
    status = body.get("status") if isinstance(body, dict) else None
    return answer.status != 202 and not (isinstance(status, str) and status.lower() in _ON_THE_WAY)


def _status(recorded: Answer, ours: Answer) -> Iterator[Difference]:
    if recorded.status != ours.status:
        yield Difference("status", "", _shown(recorded), _shown(ours))


def _shown(answer: Answer) -> str:
    return f"{answer.status} {code(answer)}".strip() if answer.status >= 400 else str(answer.status)


def _headers(recorded: Answer, ours: Answer) -> Iterator[Difference]:
    for name in HEADERS:
        if (name in recorded.headers) != (name in ours.headers):
            there = ("there", "") if name in recorded.headers else ("", "there")
            yield Difference("header", name, *there)
    theirs, mine = (_media_type(one) for one in (recorded, ours))
    if theirs != mine and recorded.text and ours.text:
        yield Difference("header", "content-type", theirs, mine)


def _media_type(answer: Answer) -> str:
    return answer.headers.get("content-type", "").partition(";")[0].strip().lower()


def _bodies(recorded: Answer, ours: Answer) -> Iterator[Difference]:
    if bool(recorded.text.strip()) != bool(ours.text.strip()):
        yield Difference("type", ".", *("a body" if one.text.strip() else "nothing" for one in (recorded, ours)))
    elif recorded.body is not None:
        for one in differences(recorded.body, ours.body):
            if one.what != "value" or not {one.recorded.lower(), one.ours.lower()} & _ON_THE_WAY:
                yield replace(one, path=one.path.removeprefix("value[]."))
