"""Broken requests over raw sockets: every one is refused or closed, none is a 500, and the server lives. `make soak`
sends 10,000; here are 300, and bodies that hypothesis makes."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.soak.cases import Maker
from bench.soak.fuzz import Outcome, fuzz
from images.scoring.errors import BadRequest
from images.scoring.request import Request
from images.scoring.service.service import Service
from tests.images.scoring.conftest import BODY, NORMAL, Serve

pytestmark = pytest.mark.slow

CASES = 300

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=9), inner))
rows = st.fixed_dictionaries(
    {"machine": st.fixed_dictionaries({"temperature": scalars, "pressure": scalars}), "ambient": values}
)


async def test_broken_requests_are_refused_and_nothing_breaks(serve: Serve) -> None:
    async with serve() as served:
        outcome = Outcome()
        await fuzz(Maker(body=BODY, key="k"), served.port, first=0, count=CASES, outcome=outcome)
        assert outcome.problems == []
        assert (await served.score(NORMAL)).json["anomaly"] is False
        metrics = (await served.request("/metrics")).body.decode().splitlines()
        assert "scoring_in_flight 0" in metrics
        assert 'scoring_requests_total{code="500"} 0' in metrics


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=values | rows)
def test_any_json_is_scored_or_refused_naming_a_path(service: Service, value: Any) -> None:
    body = json.dumps(value).encode("utf-8", "surrogatepass")
    try:
        answer = service.score(Request(body))
    except BadRequest as refused:
        assert refused.path is not None
        assert refused.path.startswith("$")
        msgspec.json.decode(refused.body())
    else:
        assert msgspec.json.decode(answer.body) == [] or value


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200))
def test_any_bytes_are_scored_or_refused(service: Service, body: bytes) -> None:
    try:
        service.score(Request(body))
    except BadRequest as refused:
        msgspec.json.decode(refused.body())
