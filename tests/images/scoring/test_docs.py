"""What the documents show is what there is."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from images.scoring.bodies.query import MAX_QUERY_FIELDS
from images.scoring.errors import ScoringError
from images.scoring.http import limits
from images.scoring.metrics import STATUSES
from images.scoring.process.settings import Settings
from images.scoring.process.tls_protocol import RECORD_BYTES
from tests.images.scoring.conftest import Serve

DOCS = Path(__file__).resolve().parents[3] / "docs"


def tiny_model() -> bytes:
    """y = 2 x"""
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, [None])
    answer = helper.make_tensor_value_info("y", TensorProto.FLOAT, [None])
    two = numpy_helper.from_array(np.array([2.0], dtype=np.float32), "two")
    graph = helper.make_graph([helper.make_node("Mul", ["x", "two"], ["y"])], "g", [given], [answer], [two])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return bytes(onnx.ModelProto.SerializeToString(model))


async def test_the_entry_script_of_a_model_of_its_own_serves(serve: Serve, scripted: Callable[..., Path]) -> None:
    script = re.search(r"```python\n(.*?)```", (DOCS / "a-model-of-its-own.md").read_text(), re.DOTALL)
    assert script is not None
    folder = scripted(script[1])
    (folder / "model.onnx").write_bytes(tiny_model())
    async with serve(folder) as served:
        assert (await served.score({"x": 3})).json == {"y": 6.0}
        assert (await served.score([{"x": 1}, {"x": 2}])).json == [{"y": 2.0}, {"y": 4.0}]
        refused = await served.score({"x": 1e7})
        assert (refused.status, refused.error["path"]) == (400, "$.x")


async def test_the_page_of_the_contract_has_every_route_and_status(serve: Serve) -> None:
    page = (DOCS / "scoring.md").read_text()
    async with serve() as served:
        missing = (await served.request("/nowhere")).error["message"]
    for path in missing.partition(": ")[2].split(", "):
        assert re.search(rf"`(GET|POST|OPTIONS) {path}[`?]", page), path
    for status in STATUSES:
        assert status in (0, 200) or re.search(rf"^\| .*\b{status}\b.* \|", page, re.MULTILINE), status


def test_every_error_has_a_status_that_is_counted() -> None:
    def below(kind: type[ScoringError]) -> list[type[ScoringError]]:
        return [one for child in kind.__subclasses__() for one in (child, *below(child))]

    assert {kind.status for kind in below(ScoringError)} <= set(STATUSES)


WITNESSES = {
    "SCORING_MAX_CONNECTIONS": "test_more_connections_than_allowed_get_a_503",
    "SLOW_SECONDS": "test_who_has_waited_long_makes_room_before_who_has_half_a_request",
    "MAX_TURNED_AWAY": "test_those_without_a_place_are_told_so_as_long_as_they_are_few",
    "HANDSHAKE_SECONDS": "test_a_handshake_that_never_ends_is_closed",
    "SCORING_MAX_IN_FLIGHT": "test_more_requests_than_allowed_in_flight_get_a_503_with_retry_after",
    "SCORING_REQUEST_TIMEOUT_MS": "test_a_body_that_comes_too_slowly_is_a_408_and_frees_its_place",
    "SCORING_KEEP_ALIVE_MS": "test_a_connection_ends_when_the_time_of_its_phase_is_over",
    "LINGER_SECONDS": "test_a_connection_ends_when_the_time_of_its_phase_is_over",
    "MAX_HEAD_BYTES": "test_a_head_may_have_32_kib_and_not_a_byte_more",
    "MAX_HEADERS": "test_a_head_may_have_100_lines",
    "CHUNK_FRAMING": "test_chunk_extensions_are_no_longer_than_a_head",
    "MAX_ID_LENGTH": "test_request_ids_follow_azure_mls_rules",
    "SCORING_MAX_BODY_BYTES": "test_a_route_that_reads_no_body_keeps_none",
    "MAX_THROWN_AWAY_BYTES": "test_a_refused_body_without_end_is_answered_once_and_cut_off",
    "PIECE_BYTES": "test_what_comes_after_requests_that_wait_waits_too_and_is_answered",
    "MAX_STEPS_AT_ONCE": "test_who_sends_much_waits_for_those_who_send_little",
    "MAX_WAITING_BYTES": "test_what_waits_to_be_parsed_is_bounded_and_given_back",
    "TURN_SECONDS": "test_who_sends_much_waits_for_those_who_send_little",
    "WRITE_BUFFER_BYTES": "test_who_does_not_read_its_answers_is_not_read_from_and_is_cut_off",
    "MAX_UNSENT_CONNECTIONS": "test_of_clients_that_take_no_answers_the_first_is_cut_off",
    "MAX_UNSENT_BYTES": "test_what_clients_do_not_take_is_bounded_in_number_and_in_bytes",
    "RECORD_BYTES": "test_a_long_body_comes_by_records",
    "MAX_QUERY_FIELDS": "test_a_query_has_no_more_fields_than_the_page_says",
}
SETTINGS = {
    "SCORING_MAX_CONNECTIONS": Settings().max_connections,
    "SCORING_MAX_IN_FLIGHT": Settings().max_in_flight,
    "SCORING_MAX_BODY_BYTES": Settings().max_body_bytes,
    "SCORING_REQUEST_TIMEOUT_MS": Settings().request_timeout_ms,
    "SCORING_KEEP_ALIVE_MS": Settings().keep_alive_ms,
    "RECORD_BYTES": RECORD_BYTES,
    "MAX_QUERY_FIELDS": MAX_QUERY_FIELDS,
}


def test_the_table_of_limits_has_each_with_the_value_of_the_code_and_a_test() -> None:
    section = (DOCS / "scoring.md").read_text().partition("\n## Limits\n")[2].partition("\n## ")[0]
    shown = {row[2]: row[1] for row in re.findall(r"^\| (.*?) \| (.*?) \| .* \| `(\w+)` \|$", section, re.MULTILINE)}
    constants = {
        name: value for name, value in vars(limits).items() if name.isupper() and isinstance(value, int | float)
    }
    values = constants | SETTINGS
    assert shown == {name: _spelled(name, value) for name, value in values.items()}
    assert WITNESSES.keys() == values.keys()
    tests = "\n".join(file.read_text() for file in Path(__file__).parent.rglob("test_*.py"))
    assert [test for test in WITNESSES.values() if f"def {test}(" not in tests] == []


def _spelled(name: str, value: float) -> str:
    if name.endswith("_BYTES"):
        return f"{value // 1024} KiB" if value < 2**20 else f"{value // 2**20} MiB"
    if name.endswith(("_SECONDS", "_MS")):
        return f"{value / (1000 if name.endswith('_MS') else 1):g} s"
    return str(value)
