"""The HTTP contract, over real sockets."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.images.scoring.conftest import ANOMALY, BODY, NORMAL, Serve


async def test_a_row_is_answered_by_itself_and_whether_it_is_an_anomaly(serve: Serve) -> None:
    async with serve() as served:
        answer = await served.score(NORMAL)
        assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
        assert answer.json == {**NORMAL, "anomaly": False}
        # byte for byte: 25 does not come back as 25.0
        assert answer.body == json.dumps({**NORMAL, "anomaly": False}, separators=(",", ":")).encode()
        assert (await served.score(ANOMALY)).json["anomaly"] is True


async def test_rows_in_a_list_are_answered_as_a_list(serve: Serve) -> None:
    async with serve() as served:
        answer = await served.score([NORMAL, ANOMALY, NORMAL])
        assert [row["anomaly"] for row in answer.json] == [False, True, False]
        assert (await served.score([])).json == []


async def test_a_row_without_its_time_is_scored_and_has_none_in_the_answer(serve: Serve) -> None:
    row = {key: value for key, value in NORMAL.items() if key != "timeCreated"}
    async with serve() as served:
        assert (await served.score(row)).json == {**row, "anomaly": False}


async def test_azure_mls_list_form_is_answered_to_who_asks_for_it(serve: Serve) -> None:
    async with serve() as served:
        answer = await served.score(NORMAL, headers={"Accept": "application/vnd.azureml.v1+json"})
        assert [json.loads(item) for item in answer.json] == [{**NORMAL, "anomaly": False}]


async def test_azure_mls_list_form_can_be_the_setting(serve: Serve) -> None:
    async with serve(answer_form="list") as served:
        assert json.loads((await served.score(ANOMALY)).json[0])["anomaly"] is True


@pytest.mark.parametrize(
    ("body", "path", "message"),
    [
        (b"no json", "$", "body is not JSON: "),
        (b"", "$", "body is empty, must be JSON"),
        (b"  \n", "$", "body is empty, must be JSON"),
        (BODY[:-1], "$", "body is not JSON: Input data was truncated"),
        (BODY + b"x", "$", "body is not JSON: "),
        (b"\xff\xfe", "$", "body is not JSON: "),
        (b"7", "$", "body is 7: Expected `object | array`, got `int`"),
        (b'{"ambient":{"temperature":1,"humidity":2}}', "$.machine", "machine is missing"),
        (b'{"machine":{"temperature":1},"ambient":{}}', "$.machine.pressure", "machine.pressure is missing"),
        (BODY.replace(b"31.16469009", b'"hot"'), "$.machine.temperature", 'machine.temperature is "hot": Expected'),
        (BODY.replace(b"31.16469009", b"null"), "$.machine.temperature", "machine.temperature is null: Expected"),
        (BODY.replace(b"31.16469009", b"true"), "$.machine.temperature", "machine.temperature is true: Expected"),
        (BODY.replace(b"31.16469009", b"1e300"), "$.machine.temperature", "Expected `float` <= 3.4e+38"),
        (BODY.replace(b"31.16469009", b"1" + b"0" * 400), "$.machine.temperature", "Expected `int` <= "),
        (BODY.replace(b"31.16469009", b"1e999"), "$.machine.temperature", "is not valid: Number out of range"),
        (BODY.replace(b"31.16469009", b"NaN"), "$", "body is not JSON: "),
        (b"[" + BODY + b',{"machine":[]}]', "$[1].machine", "[1].machine is []: Expected `object`, got `array`"),
        (b'{"machine":1,"note":"\xff"}', "$.machine", "machine is not valid: Expected `object`, got `int`"),
        (b"[[[]]]", "$[0]", "[0] is [[]]: Expected `object`, got `array`"),
        (b'{"deep":' + b"[" * 100_000, "$", "body is nested too deeply"),
        (BODY.replace(b"31.16469009", b'"' + b"x" * 500 + b'"'), "$.machine.temperature", f'is "{"x" * 79}...'),
    ],
)
async def test_a_bad_body_is_a_400_that_names_the_field(serve: Serve, body: bytes, path: str, message: str) -> None:
    async with serve() as served:
        answer = await served.request("/score", body)
        assert answer.status == 400
        assert answer.error["code"] == "BadRequest"
        assert answer.error["path"] == path
        assert message in answer.error["message"]


async def test_a_body_over_the_limit_is_a_413_and_the_connection_lives_on(serve: Serve) -> None:
    async with serve() as served:
        connection = await served.connect()
        answer = await connection.request("/score", b"0" * 5_000_000)
        assert answer.status == 413
        assert answer.error["message"] == "body has 5000000 bytes, allowed are 1048576"
        assert (await connection.request("/score", BODY)).status == 200


async def test_a_chunked_body_over_the_limit_is_a_413(serve: Serve) -> None:
    async with serve(max_body_bytes=1000) as served:
        connection = await served.connect()
        await connection.send(b"POST /score HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(3):
            await connection.send(b"190\r\n" + b"1" * 400 + b"\r\n")
        answer = await connection.read()
        assert (answer.status, answer.error["code"]) == (413, "BodyTooLarge")


async def test_a_chunked_body_within_the_limit_is_scored(serve: Serve) -> None:
    async with serve() as served:
        connection = await served.connect()
        await connection.send(b"POST /score HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        for part in (BODY[:20], BODY[20:]):
            await connection.send(b"%x\r\n%b\r\n" % (len(part), part))
        await connection.send(b"0\r\n\r\n")
        assert (await connection.read()).json["anomaly"] is False


async def test_pipelined_requests_are_answered_in_order(serve: Serve) -> None:
    async with serve() as served:
        connection = await served.connect()
        head = b"POST /score HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
        anomaly = json.dumps(ANOMALY).encode()
        await connection.send(head % len(BODY) + BODY + head % len(anomaly) + anomaly)
        assert [(await connection.read()).json["anomaly"] for _ in range(2)] == [False, True]


async def test_probes_say_alive_and_ready(serve: Serve) -> None:
    async with serve() as served:
        for path in ("/", "/live"):
            answer = await served.request(path)
            assert (answer.status, answer.body) == (200, b"Healthy")
        ready = await served.request("/ready")
        assert ready.status == 200
        assert ready.json["model"] == "anomaly"
        assert len(ready.json["version"]) == 12


async def test_unknown_paths_and_methods_are_refused_naming_what_there_is(serve: Serve) -> None:
    async with serve() as served:
        missing = await served.request("/scores")
        assert (missing.status, missing.error["code"]) == (404, "NotFound")
        assert "/score, /swagger.json" in missing.error["message"]
        wrong = await served.request("/score", b"", method="DELETE")
        assert (wrong.status, wrong.headers["allow"]) == (405, "POST, GET, OPTIONS")
        assert (await served.request("/score", method="OPTIONS")).headers["allow"] == "POST, GET, OPTIONS"


async def test_request_ids_follow_azure_mls_rules(serve: Serve) -> None:
    async with serve() as served:
        made = (await served.score(NORMAL)).headers
        assert made["x-request-id"] == made["x-ms-request-id"]
        assert "x-ms-client-request-id" not in made
        assert made["x-ms-run-function-failed"] == "False"
        assert float(made["x-ms-run-fn-exec-ms"]) > 0
        given = (await served.score(NORMAL, headers={"x-request-id": "a", "x-ms-client-request-id": "b"})).headers
        assert [given[name] for name in ("x-request-id", "x-ms-request-id", "x-ms-client-request-id")] == [
            "a",
            "b",
            "b",
        ]
        legacy = (await served.score(NORMAL, headers={"x-ms-request-id": "c"})).headers
        assert [legacy[name] for name in ("x-ms-request-id", "x-ms-client-request-id")] == ["c", "c"]
        long = await served.score(NORMAL, headers={"x-ms-request-id": "c" * 101})
        assert long.status == 431
        assert "x-ms-request-id has 101 characters, allowed are 100" in long.error["message"]
        trace = await served.score(NORMAL, headers={"TraceId": "t" * 101})
        assert (trace.status, "traceid has 101 characters" in trace.error["message"]) == (431, True)


async def test_metrics_count_requests_rows_and_failures(serve: Serve) -> None:
    async with serve() as served:
        await served.score([NORMAL] * 3)
        await served.request("/score", b"{")
        text = (await served.request("/metrics")).body.decode()
        for line in (
            'scoring_requests_total{code="200"} 1',
            'scoring_requests_total{code="400"} 1',
            'scoring_batch_rows_bucket{le="2"} 0',
            'scoring_batch_rows_bucket{le="4"} 1',
            "scoring_batch_rows_sum 3",
            "scoring_request_seconds_count 1",
            "scoring_in_flight 0",
            "scoring_ready 1",
        ):
            assert line in text.splitlines()
        (told,) = [line for line in text.splitlines() if line.startswith("scoring_model_info")]
        assert told.startswith('scoring_model_info{model="anomaly",version="') and told.endswith('",device="cpu"} 1')


async def test_the_service_describes_its_request(serve: Serve) -> None:
    async with serve() as served:
        document: dict[str, Any] = (await served.request("/swagger.json")).json
        assert "pressure" in document["components"]["schemas"]["Machine"]["properties"]
        score = document["paths"]["/score"]["post"]
        assert score["requestBody"]["content"]["application/json"]["example"]["machine"]["temperature"] == 31.16469009
        assert "$defs" not in json.dumps(document)
        assert "security" not in score
        paths = (await served.request("/nowhere")).error["message"].removeprefix("no such path, there are: ")
        assert sorted(document["paths"]) == sorted(paths.split(", "))
