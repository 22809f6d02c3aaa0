"""Golden requests to one deployment: what is sent, and what is no answer."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from contracts.card import Body, Golden
from infra.provider.services.online.probes import Target, probe
from pluginbase.resource import ProviderError
from tests.infra.provider.recorder import Recorder

GOLDEN = (
    Golden(name="one", input=[1], output={"sum": 1}),
    Golden(name="picture", body=Body("image/png", b"png"), output={"sum": 2}),
)
Answers = Callable[[int], tuple[int, Any]]


class Service:
    """Answers by the number of the request, from 0."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str, bytes]] = []
        self.answer: Answers = lambda number: (200, {"sum": 1 if number == 0 else number % 2 or 2})
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, answer = service.answer(len(service.asked))
                headers = self.headers
                service.asked.append(
                    (headers["Authorization"], headers["azureml-model-deployment"], headers["Content-Type"], body)
                )
                content = json.dumps(answer).encode() if not isinstance(answer, bytes) else answer
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                """Nothing is told."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def target(self) -> Target:
        return Target(url=f"http://127.0.0.1:{self.server.server_port}/score", key="canary-key", deployment="m1")


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    yield service
    service.server.shutdown()
    service.server.server_close()


def asked(service: Service, count: int = 4, over_seconds: float = 0.0) -> Recorder:
    ctx = Recorder()
    probe(ctx, service.target, GOLDEN, count, over_seconds, "m1 with 10 %")
    return ctx


def test_the_examples_go_to_the_named_deployment_with_the_key_and_their_own_bodies(service: Service) -> None:
    ctx = asked(service)

    first, picture = (
        ("Bearer canary-key", "m1", "application/json", b"[1]"),
        ("Bearer canary-key", "m1", "image/png", b"png"),
    )
    assert service.asked == [first, first, picture, first, picture]
    assert ctx.statuses[-1] == "m1 with 10 %: 4 of 4 golden requests"
    assert "canary" not in " ".join(ctx.statuses)


def test_they_are_spread_over_the_time_that_a_share_is_held(service: Service) -> None:
    ctx = asked(service, over_seconds=600)

    assert [round(wait, -1) for wait in ctx.waited] == [150, 300, 450, 600]  # none of them is waited out here


def test_one_wrong_answer_is_one_too_many(service: Service) -> None:
    service.answer = lambda number: (200, {"sum": 1.5 if number == 3 else 1 if number == 0 else number % 2 or 2})

    with pytest.raises(ProviderError) as failure:
        asked(service)

    assert str(failure.value) == ("m1 with 10 % answers golden example 'one' otherwise at $.sum: expected 1, got 1.5")


def test_an_answer_that_is_no_json_is_a_wrong_one(service: Service) -> None:
    service.answer = lambda number: (200, b"<html>")

    with pytest.raises(ProviderError, match=r"otherwise at \$: expected .*, got \"<html>\""):
        asked(service)


def test_of_a_hundred_requests_one_may_fail_and_not_two(service: Service) -> None:
    good = service.answer
    service.answer = lambda number: (500, b"a wire was cut") if number == 20 else good(number)
    asked(service, count=100)

    service.asked.clear()
    service.answer = lambda number: (500, b"on every 20th") if number and number % 20 == 0 else good(number)
    with pytest.raises(ProviderError) as failure:
        asked(service, count=100)
    assert str(failure.value) == "m1 with 10 % failed 2 of 40 golden requests: 500: on every 20th"


def test_a_deployment_that_the_router_does_not_know_yet_is_waited_for(service: Service) -> None:
    good = service.answer
    service.answer = lambda number: (404, b"not yet") if number < 2 else good(number - 2)

    ctx = asked(service)

    assert ctx.statuses[:2] == ["m1 with 10 %: 404: not yet"] * 2
    assert len(service.asked) == 7


def test_a_deployment_that_never_answers_ends_the_wait(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.provider.services.online.probes._FIRST_SECONDS", 0.05)
    service.answer = lambda number: (503, b"no instance")

    with pytest.raises(ProviderError, match=r"m1 with 10 % gave no answer within 0\.05 s: 503: no instance"):
        asked(service)


def test_a_model_without_examples_is_held_and_asked_nothing(service: Service) -> None:
    ctx = Recorder()
    probe(ctx, service.target, (), 4, 0.01, "m1")

    assert (service.asked, ctx.waited) == ([], [0.01])
