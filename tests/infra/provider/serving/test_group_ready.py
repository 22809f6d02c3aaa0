"""Waiting for a container group: what is asked over TLS and of ARM, and what a failed wait tells."""

from __future__ import annotations

import http.server
import json
import ssl
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import trustme

from cloud.errors import ServiceError
from infra.provider.types import group_ready
from infra.provider.types.group_ready import GroupReady
from pluginbase.resource import Properties, ProviderError
from tests.infra.provider.fake_arm import FakeArm, ok
from tests.infra.provider.recorder import Recorder, checked, refused

GROUP = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerInstance/containerGroups/ci-1"
LOGS = f"{GROUP}/containers/scorer/logs"
READY = {"status": "ready", "model": "anomaly", "version": "0123456789ab"}
LOADING = {"error": {"code": "NotReady", "message": "the model is loading"}}


class Scorer:
    """Answers `/ready` in turn over TLS; the last answer goes on."""

    def __init__(self, authority: trustme.CA) -> None:
        self.answers: list[tuple[int, Any]] = [(200, READY)]
        self.asked: list[tuple[str, str | None]] = []
        scorer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                scorer.asked.append((self.path, self.headers["authorization"]))
                status, body = scorer.answers.pop(0) if len(scorer.answers) > 1 else scorer.answers[0]
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("scorer.example.invalid").configure_cert(context)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def scorer(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scorer]:
    monkeypatch.setattr(group_ready, "_LOOK_SECONDS", 0.0)
    made = Scorer(authority)
    yield made
    made.server.shutdown()
    made.server.server_close()


def inputs_of(scorer: Scorer, authority: trustme.CA, **other: Any) -> Properties:
    return checked(
        GroupReady(),
        {
            "groupId": GROUP,
            "container": "scorer",
            "image": "r.io/edgeway/anomaly@sha256:1",
            "restartedBy": "1 CPU",
            "url": f"https://scorer.example.invalid:{scorer.port}/ready",
            "address": "127.0.0.1",
            "caPem": authority.cert_pem.bytes().decode(),
            "model": "anomaly",
            "version": "0123456789ab",
            "timeoutSeconds": 30,
            **other,
        },
    )


def group(restarts: int, state: str = "Waiting", detail: str = "CrashLoopBackOff") -> Any:
    view = {
        "restartCount": restarts,
        "currentState": {"state": state, "detailStatus": detail},
        "previousState": {"state": "Terminated", "exitCode": 2, "detailStatus": "Error"},
    }
    return ok({"properties": {"containers": [{"name": "scorer", "properties": {"instanceView": view}}]}})


def test_a_group_that_answers_is_asked_once_without_a_key_and_arm_not_at_all(
    arm: FakeArm, scorer: Scorer, authority: trustme.CA
) -> None:
    inputs = inputs_of(scorer, authority)
    assert GroupReady().create(Recorder(), inputs) == ("thing", inputs)
    assert scorer.asked == [("/ready", None)]
    assert arm.asked == []


def test_it_waits_while_the_model_loads_and_while_the_container_before_answers(
    arm: FakeArm, scorer: Scorer, authority: trustme.CA
) -> None:
    scorer.answers = [(200, {**READY, "version": "before"}), (503, LOADING), (200, READY)]
    arm.on("GET", GROUP, group(0, "Running", ""))
    ctx, inputs = Recorder(), inputs_of(scorer, authority)
    GroupReady().update(ctx, "thing", inputs, inputs, inputs)
    said = f"waiting for {inputs['url']}: "
    assert ctx.statuses == [f"{said}anomaly before answers still", f"{said}503 NotReady: the model is loading"]


def test_a_container_that_crashes_again_and_again_fails_with_its_state_and_its_last_lines(
    arm: FakeArm, scorer: Scorer, authority: trustme.CA
) -> None:
    # what the container before had been restarted counts for nothing
    arm.on("GET", GROUP, group(9), *(group(restarts) for restarts in (0, 1, 2, 3)))
    arm.on("GET", LOGS, ok({"content": "loading\nerror: cannot listen on 0.0.0.0:443\n"}))
    scorer.answers = [(503, LOADING)]
    with pytest.raises(ProviderError) as failed:
        GroupReady().create(Recorder(), inputs_of(scorer, authority))
    assert str(failed.value) == (
        f"container group ci-1 is deployed and does not serve anomaly at https://scorer.example.invalid:{scorer.port}"
        "/ready, and crashes again and again: 503 NotReady: the model is loading\n"
        "container scorer is Waiting (CrashLoopBackOff), was restarted 3 times, ended last as Terminated (Error, exit "
        "code 2); its last lines:\n"
        "    loading\n"
        "    error: cannot listen on 0.0.0.0:443"
    )
    assert arm.asked[-1][2]["tail"] == "20"


def test_the_end_of_the_time_tells_what_was_heard_last(arm: FakeArm, scorer: Scorer, authority: trustme.CA) -> None:
    arm.on("GET", GROUP, ServiceError("GET", 403, "AuthorizationFailed", "no right to it limit"))
    arm.on("GET", LOGS, ServiceError("GET", 403, "AuthorizationFailed", "no right to it limit"))
    scorer.answers = [(503, {"error": {"code": "NotReady", "message": "golden example 'warm' differs at $.a"}})]
    with pytest.raises(ProviderError) as failed:
        GroupReady().create(Recorder(), inputs_of(scorer, authority, timeoutSeconds=1))
    assert "after 1 s: 503 NotReady: golden example 'warm' differs at $.a" in str(failed.value)
    assert "the state of container scorer cannot be read (GET: 403 AuthorizationFailed" in str(failed.value)
    assert "    (they cannot be read: " in str(failed.value)


def test_who_has_no_certificate_of_the_stacks_ca_is_not_the_group(
    arm: FakeArm, scorer: Scorer, authority: trustme.CA
) -> None:
    arm.on("GET", GROUP, group(0, "Running", ""))
    arm.on("GET", LOGS, ok({}))
    with pytest.raises(ProviderError, match="its certificate is not one of the stack's CA"):
        GroupReady().create(
            Recorder(), inputs_of(scorer, authority, caPem=trustme.CA().cert_pem.bytes().decode(), timeoutSeconds=1)
        )
    assert scorer.asked == []


def test_an_address_without_https_is_refused(scorer: Scorer, authority: trustme.CA) -> None:
    (failure,) = refused(GroupReady(), {**inputs_of(scorer, authority), "url": "http://h/ready"})
    assert failure.path == "url"
