"""Every operation that the stand-in serves, out of its own tables: what it does not obey it refuses.

A new route, type or action is covered without a line here.
"""

from __future__ import annotations

from tests.standin.asking import Answering, Asked

HEADERS = ("if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range", "range", "prefer",
           "content-encoding", "x-http-method-override", "x-ms-range", "x-ms-lease-id", "x-ms-max-item-count",
           "x-ms-if-tags", "x-ms-nobody-knows", "iothub-nobody-knows")  # fmt: skip
OPTIONS = ("nobodyKnows", "$filter", "$top", "$skip", "$orderby", "$expand", "$select", "top", "maxresults", "snapshot")
_LEAST = 100


def strict(answering: Answering) -> list[Asked]:
    found = [asked for asked in answering.everything() if not asked.obeys.everything]
    assert len(found) > _LEAST
    return found


def refused(answered: tuple[int, str], codes: set[str]) -> bool:
    return answered[0] == 400 and answered[1] in codes


QUERY = {"InvalidQueryParameterValue", "UnsupportedQueryParameter", "ArgumentInvalid", "BadParameter", "UserError",
         "Request_UnsupportedQuery"}  # fmt: skip
HEADER = {"InvalidHeaderValue", "UnsupportedHeader", "ArgumentInvalid", "BadParameter", "UserError", "BadRequest"}
FIELD = {"InvalidInput", "InvalidRequestContent", "ArgumentInvalid", "BadParameter", "UserError", "BadRequest"}


async def test_an_option_that_is_not_obeyed_is_refused(answering: Answering) -> None:
    answered = {
        f"{asked} ?{name}": await answering.send(asked, query={name: "1"})
        for asked in strict(answering)
        for name in OPTIONS
        if name not in asked.obeys.query
    }
    assert {what: answer for what, answer in answered.items() if not refused(answer, QUERY)} == {}


async def test_a_header_that_asks_for_what_is_not_obeyed_is_refused(answering: Answering) -> None:
    answered = {}
    for asked in strict(answering):
        writes = asked.host == "management.azure.com" and asked.method in ("PUT", "PATCH", "DELETE")
        for name in HEADERS:
            if name in asked.obeys.headers or (writes and name in ("if-match", "if-none-match")):
                continue
            answered[f"{asked} {name}"] = await answering.send(asked, headers={name: "1"})
    assert {what: answer for what, answer in answered.items() if not refused(answer, HEADER)} == {}


async def test_a_field_that_nobody_knows_is_refused(answering: Answering) -> None:
    answered = {}
    for asked in strict(answering):
        if asked.obeys.body:
            continue
        bodies: list[object] = [{"nobodyKnows": 1}]
        if asked.says_body and asked.obeys.fields is None:  # a type of the resource manager
            bodies = [
                {"location": "westeurope", **one} for one in ({"nobodyKnows": 1}, {"properties": {"nobodyKnows": 1}})
            ]
        for body in bodies:
            answered[f"{asked} {body}"] = await answering.send(asked, body=body)
    assert {what: answer for what, answer in answered.items() if not refused(answer, FIELD)} == {}
