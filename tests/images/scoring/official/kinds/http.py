"""What is the server's own: routes, ids, traces, origins of browsers."""

from __future__ import annotations

from tests.images.scoring.official.case import Asked, Case, get, post

ECHO = "def init(): ...\ndef run(data): return data\n"
ONE, TWO = "https://one.example", "https://two.example"
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT")
PATHS = ("/", "/swagger.json", "/score/", "/nothing", "//score", "/SCORE", "/score%2F", "/%73core", "/score;a=1", "/.")
PREFLIGHT = (("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "x-one, content-type"))
ASKED = {
    **{f"{method} {path}": Asked(method=method, path=path) for path in PATHS for method in METHODS},
    "ids": post("7", x_request_id="r", x_ms_client_request_id="c"),
    "all ids": post("7", x_request_id="r", x_ms_client_request_id="c", x_ms_request_id="l"),
    "legacy id": post("7", x_request_id="r", x_ms_request_id="l"),
    "client id": post("7", x_ms_client_request_id="c"),
    "no id": post("7"),
    "empty ids": post("7", x_request_id="", x_ms_request_id="", x_ms_client_request_id=""),
    "an empty legacy id": post("7", x_request_id="r", x_ms_request_id=""),
    "an id of 100": post("7", x_request_id="r" * 100),
    "a long id": post("7", x_request_id="r" * 101),
    "a long client id": post("7", x_ms_client_request_id="c" * 101, x_request_id="r"),
    "a long legacy id": post("7", x_ms_request_id="l" * 101, x_request_id="r"),
    "an id in other letters": post("7", X_REQUEST_ID="r"),
    "an id of odd letters": post("7", x_request_id="a b;c"),
    "trace": post("7", TraceId="t"),
    "trace parent": post("7", traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", tracestate="a=b"),
    "an empty trace": post("7", TraceId=""),
    "on an error": post(b"\xff", x_request_id="r", TraceId="t"),
    "on a probe": get("/", x_request_id="r", TraceId="t"),
    "on what is not there": get("/nothing", x_request_id="r", TraceId="t"),
    "accepts nothing": post("7", Accept="text/plain"),
    "accepts json": post("7", Accept="application/json"),
    "keep alive": post("7", Keep_Alive="timeout=5"),
    "if none match": post("7", If_None_Match="*"),
    "a range": post("7", Range="bytes=0-0"),
    "swagger 2": get("/swagger.json?version=2"),
    "swagger 3": get("/swagger.json?version=3"),
    "swagger 3.1": get("/swagger.json?version=3.1"),
    "swagger 7": get("/swagger.json?version=7"),
    "swagger's version twice": get("/swagger.json?version=3&version=2"),
}
ORIGINS = {
    "one": post("7", Origin=ONE),
    "two": post("7", Origin=TWO),
    "in capitals": post("7", Origin=ONE.upper()),
    "another": post("7", Origin="https://other.example"),
    "another's end": post("7", Origin=f"{ONE}.other"),
    "null": post("7", Origin="null"),
    "none": post("7"),
    "preflight": Asked(method="OPTIONS", headers=(("Origin", ONE), *PREFLIGHT)),
    "another's preflight": Asked(method="OPTIONS", headers=(("Origin", "https://other.example"), *PREFLIGHT)),
    "preflight of put": Asked(method="OPTIONS", headers=(("Origin", ONE), ("Access-Control-Request-Method", "PUT"))),
    "preflight without headers": Asked(method="OPTIONS", headers=(("Origin", ONE), PREFLIGHT[0])),
    "preflight of a probe": Asked(path="/", method="OPTIONS", headers=(("Origin", ONE), *PREFLIGHT)),
    "probe": get("/", Origin=ONE),
    "swagger": get("/swagger.json", Origin=ONE),
    "an error": post(b"\xff", Origin=ONE),
    "what is not there": get("/nothing", Origin=ONE),
    "private network": Asked(
        method="OPTIONS", headers=(("Origin", ONE), *PREFLIGHT, ("Access-Control-Request-Private-Network", "true"))
    ),
}
CASES = (
    Case(name="http: routes and ids", script=ECHO, asked=ASKED),
    Case(name="http: one origin", script=ECHO, asked=ORIGINS, environment={"AML_CORS_ORIGINS": ONE}, process=True),
    Case(
        name="http: two origins",
        script=ECHO,
        asked=ORIGINS,
        environment={"AML_CORS_ORIGINS": f"{ONE}, {TWO}"},
        process=True,
    ),
    Case(name="http: any origin", script=ECHO, asked=ORIGINS, environment={"AML_CORS_ORIGINS": "*"}, process=True),
    Case(name="http: no origin", script=ECHO, asked=ORIGINS),
    Case(
        name="http: too slow",
        script="import time\ndef init(): ...\ndef run(data):\n    until = time.monotonic() + 5\n"
        "    while data == 'spin' and time.monotonic() < until: pass\n    if data == 'sleep': time.sleep(5)\n    return 1\n",
        asked={"spins": post("spin"), "sleeps": post("sleep"), "after": post("")},
        environment={"SCORING_TIMEOUT_MS": "200"},
        process=True,
    ),
)
