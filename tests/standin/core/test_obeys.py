"""What a route does not obey it refuses: which part of a request asks for something, and how it is told."""

from __future__ import annotations

import pytest

from standin.core.http import Request
from standin.core.obeys import EVERYTHING, NOTHING, obeys, unobeyed

SECRET = obeys(query="maxresults", headers="if-match x-ms-meta-*", fields="value attributes.exp attributes.nbf tags")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"raw_query": "maxresults=1"}, None),
        ({"raw_query": "maxresults=1&maxresults=2"}, ("query", "maxresults")),
        ({"raw_query": "MaxResults=1"}, ("query", "MaxResults")),
        ({"raw_query": "%24top=1"}, ("query", "$top")),
        ({"headers": {"if-match": "x", "x-ms-meta-a": "b", "user-agent": "y", "x-ms-client-request-id": "z"}}, None),
        ({"headers": {"if-modified-since": "x"}}, ("header", "if-modified-since")),
        ({"headers": {"range": "bytes=0-1"}}, ("header", "range")),
        ({"headers": {"prefer": "respond-async"}}, ("header", "prefer")),
        ({"headers": {"content-encoding": "gzip"}}, ("header", "content-encoding")),
        ({"headers": {"x-ms-lease-id": "x"}}, ("header", "x-ms-lease-id")),
        ({"headers": {"x-http-method-override": "DELETE"}}, ("header", "x-http-method-override")),
        ({"body": b'{"value": "x", "tags": {"any": 1}, "attributes": {"exp": 1}}'}, None),
        ({"body": b'{"valeu": "x"}'}, ("field", "valeu")),
        ({"body": b'{"attributes": {"exportable": true}}'}, ("field", "attributes.exportable")),
        ({"body": b'{"valeu": null}'}, None),
        ({"body": b"no JSON: its handler says so"}, None),
    ],
)  # fmt: skip
def test_what_asks_for_something_and_is_not_obeyed_is_found(
    asked: dict[str, object], expected: tuple[str, str] | None
) -> None:
    request = Request(method="PUT", host="h", path="/", **asked)  # type: ignore[arg-type]
    found = unobeyed(SECRET, request)
    assert (found and (found.part, found.name)) == expected
    assert unobeyed(EVERYTHING, request) is None


@pytest.mark.parametrize(
    ("body", "field"), [(b"", None), (b"{}", None), (b"null", None), (b"[]", "body"), (b"x", "body")]
)
def test_a_route_that_reads_no_body_refuses_one_that_says_something(body: bytes, field: str | None) -> None:
    found = unobeyed(NOTHING, Request(method="POST", host="h", path="/", body=body))
    assert (found and found.name) == field


def test_the_refusal_names_the_thing_and_its_value() -> None:
    found = unobeyed(NOTHING, Request(method="GET", host="h", path="/", raw_query="$top=5"))
    assert found is not None
    refusal = found.refusal({"query": "UnsupportedQueryParameter", "header": "x", "field": "x"})
    assert (refusal.status, refusal.code) == (400, "UnsupportedQueryParameter")
    assert "'$top' with the value '5'" in str(refusal)
