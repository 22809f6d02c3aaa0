"""Where the two servers differ on purpose: each difference belongs to a row of the table in docs/scoring.md."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from tests.images.scoring.official.case import USUAL, Said

BYTES = "`run(data: bytes)`"
REFUSED = "what cannot be called: `async`, a generator, a second argument that is needed"
NOT_JSON = "what `run` gives that is no JSON"
FORM = "a form's body, undecorated"
LENIENT = "werkzeug's own `Response`, `response_headers=None`, a bytearray as body"
ONE_OBJECT = "one response object given to several requests"
HEAD = "`HEAD` and `OPTIONS` of `@rawhttp`"
IDS = "ids, and origins of browsers, on 404 and 405"
LONG_ID = "`x-request-id` when another id is too long"
NO_ORIGIN = "`Access-Control-Allow-Origin` without `Origin`"
PRIVATE = "`Access-Control-Request-Private-Network`"
SWAGGER = "`/swagger.json?version=2`, `3`"
OTHERS = "`OPTIONS` of other routes, `HEAD` of `/swagger.json`"
METHODS = "a method that HTTP does not know"
STREAM = "a body that streams"
STREAM_FAILS = "a body that fails while it streams"
NO_HTTP = "an answer that HTTP does not allow"
INFORMATIONAL = "an answer with a status of 100 to 199"
LENGTH = "`Content-Length` that is not the body's"
SCRIPTS_IDS = "`x-ms-run-function-failed`, `x-ms-client-request-id` set by the script"
EXITS = "`sys.exit()` and KeyboardInterrupt in `run`"
CONTEXT = "`request` of `@rawhttp`"
LOGS = "the root logger, `print`"
MODULE = "the script's module"
FLASK = "packages of the server: flask, pydantic, gunicorn"
NAMES = "a name beside the script: `images`, `contracts`"
UNDECODABLE = "JSON for `inference_schema` that is no UTF-8, or too deep"


@dataclass(frozen=True)
class Different:
    """`asked`, `case`, `there` and `here` are patterns; of what is not there, `None`."""

    row: str
    case: str
    key: str
    there: str = "*"
    here: str = "*"
    asked: str = "*"

    def holds(self, case: str, asked: str, key: str, there: Any, here: Any) -> bool:
        return (
            fnmatchcase(case, self.case)
            and fnmatchcase(asked, self.asked)
            and (self.key == "*" or key in self.key.split())
            and fnmatchcase(str(there), self.there)
            and fnmatchcase(str(here), self.here)
        )


def gunicorns(row: str, case: str, asked: str = "*") -> tuple[Different, ...]:
    """A failure that Flask does not see: gunicorn says it in HTML, ours as any other."""
    return (
        Different(row, case, "content-type", "text/html", "application/json", asked),
        Different(row, case, "x-request-id x-ms-request-id", "None", "made", asked),
        Different(row, case, "x-ms-run-function-failed", "None", "True", asked),
    )


def failed(row: str, case: str) -> tuple[Different, ...]:
    """An answer there, a 500 here."""
    return (
        Different(row, case, "status", "*", "500"),
        Different(row, case, "exec-ms body framing", "*", "*"),
        Different(row, case, "content-type", "text/html*", "application/json"),
        Different(row, case, "x-ms-run-function-failed", "False", "True"),
    )


NO_HTTP_CASES = (
    *("a number", "a text that is no code", "zero", "a name *", "an empty name", "a value beyond latin-1"),
    *(
        "a value with a zero",
        "a value with a delete",
        "a code with a line end",
        "a code that is true",
        "a code of four *",
    ),
)
_RUNS = ("values", "responses", "raw values", "callables", "schemas", "environment")
DIFFERENT: tuple[Different, ...] = (
    Different(BYTES, "callables: bytes", "body", '"str"', '"bytes"'),
    *(Different(REFUSED, f"{kind}: *", "starts", "True", "False") for kind in ("callables", "raw", "schemas")),
    *failed(INFORMATIONAL, "responses: continue"),
    *failed(INFORMATIONAL, "responses: early hints"),
    *failed(STREAM_FAILS, "streams: a generator that fails later"),
    *failed(STREAM_FAILS, "streams: a generator of *"),
    Different(STREAM, "streams: *", "framing", "chunks", "length"),
    *gunicorns(STREAM_FAILS, "streams: a generator that fails at once"),
    *gunicorns(EXITS, "streams: a generator that exits"),
    *gunicorns(EXITS, "raises: *", "raise"),
    *(one for name in NO_HTTP_CASES for one in gunicorns(NO_HTTP, f"responses: {name}")),
    Different(LENGTH, "responses: a length that is too long", "framing", "length +8", "length"),
    Different(LENGTH, "responses: a length that is too short", "body", "a", "abc"),
    Different(LENGTH, "responses: a length that is none", "status", "500", "200"),
    Different(LENGTH, "responses: a length that is none", "*"),
    Different(SCRIPTS_IDS, "responses: failed by header", "x-ms-run-function-failed", "False, True", "True"),
    Different(SCRIPTS_IDS, "responses: a client's id", "x-ms-client-request-id", "mine", "None"),
    Different(LENIENT, "responses: werkzeug's own", "*", asked="post"),
    Different(LENIENT, "responses: headers that are none", "*", asked="post"),
    Different(LENIENT, "responses: a bytearray", "body framing"),
    Different(ONE_OBJECT, "responses: one object for all", "x-ms-client-request-id", "c", "None", "again"),
    Different(FORM, "requests: bodies as text", "body", *('[[]"str", ""]', "*a=1*"), asked="form"),
    Different(FORM, "requests: bodies as text", "body status exec-ms", asked="multipart"),
    Different(METHODS, "requests: bodies as text", "status", "405", "400", asked="a method nobody knows"),
    Different(IDS, "requests: bodies as text", "x-request-id x-ms-request-id", "None", "made"),
    Different(IDS, "raw: methods of its own", "x-request-id x-ms-request-id", "None", "made"),
    Different(IDS, "http: *", "x-request-id x-ms-request-id", "None", "made"),
    Different(IDS, "http: *", "x-request-id x-ms-request-id", "None", "r", "on what is not there"),
    Different(IDS, "http: *", "traceid", "None", "t", "on what is not there"),
    Different(IDS, "http: *", "access-control-allow-origin", "None", "https://one.example", "what is not there"),
    Different(IDS, "http: *", "vary", "None", "Origin", "what is not there"),
    Different(LONG_ID, "http: routes and ids", "x-request-id", "r", "None", "a long *"),
    Different(NO_ORIGIN, "http: *", "access-control-allow-origin vary", "*", "None", "none"),
    Different(PRIVATE, "http: *", "access-control-allow-private-network", "false", "None", "private network"),
    Different(OTHERS, "http: *", "body content-type status x-ms-run-function-failed", asked="OPTIONS /"),
    Different(OTHERS, "http: *", "body content-type status x-ms-run-function-failed", asked="OPTIONS /swagger.json"),
    Different(OTHERS, "http: *", "body content-type status x-ms-run-function-failed", asked="preflight of a probe"),
    Different(OTHERS, "http: *", "status", "200", "405", "HEAD /swagger.json"),
    Different(SWAGGER, "http: *", "body status", here="*openapi*", asked="*swagger*"),
    Different(SWAGGER, "http: *", "status", "404", "200", "swagger 7"),
    Different(SWAGGER, "*", "x-ms-run-function-failed", "False", "None", "*swagger*"),
    Different(SWAGGER, "schemas: *", "body", asked="swagger"),
    Different(UNDECODABLE, "schemas: *", "status", "500", "400", "not utf-8"),
    Different(UNDECODABLE, "schemas: *", "status", "500", "400", "deep"),
    Different(HEAD, "raw: methods of its own", "*", asked="HEAD"),
    Different(HEAD, "raw: methods of its own", "*", asked="OPTIONS"),
    Different(CONTEXT, "raw: class", "body", '[[]false, "LocalProxy"]', '[[]true, "AMLRequest"]'),
    Different(CONTEXT, "raw: server", "body", '*"0.0.0.0"*', '*"127.0.0.1"*'),
    Different(CONTEXT, "raw: environ", "body"),
    Different(MODULE, "environment: itself among the modules", "body", "false", "true"),
    Different(MODULE, "environment: dataclasses with text", "starts", "False", "True"),
    Different(MODULE, "environment: pickles of its own", "starts", "False", "True"),
    Different(LOGS, "environment: the root logger's level", "body", "30", "20"),
    Different(LOGS, "environment: an own logger's level", "body", "false", "true"),
    Different(NAMES, "environment: *a name of ours", "starts", "True", "False"),
    Different(FLASK, "environment: flask", "starts", "True", "False"),
    *(Different(NOT_JSON, f"{kind}: *", "x-ms-run-function-failed", "False", "True") for kind in _RUNS),
)


def differences(case: str, there: Said, here: Said) -> Iterator[tuple[str, str, str, Any, Any]]:
    """Case, question, key, there, here."""
    if there.get("starts", True) != here.get("starts", True):
        yield case, "start", "starts", there.get("starts", True), here.get("starts", True)
        return
    for asked in there.keys() | here.keys():
        if asked == "starts":
            continue
        one, other = {**USUAL, **there[asked]}, {**USUAL, **here[asked]}
        for key in sorted(one.keys() | other.keys()):
            if one.get(key) != other.get(key):
                yield case, asked, key.replace(" ", "-"), one.get(key), other.get(key)


def listed(case: str, asked: str, key: str, there: Any, here: Any) -> Different | None:
    return next((one for one in DIFFERENT if one.holds(case, asked, key, there, here)), None)
