"""Parts that do not fit together, and a start that fails halfway."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from pathlib import Path

import pytest

from standin.app import Standin
from standin.core.http import Request, Response, Route, Service, json_response
from standin.core.part import Part
from standin.core.serving.listeners import PortTaken, bind
from standin.foundation import Foundation, lay_foundation
from tests.ports import free_port_base


async def said(request: Request, _: Mapping[str, str]) -> Response:
    return json_response({})


class Recorded(Service):
    def __init__(self, *hosts: str, breaks: tuple[str, ...] = ()) -> None:
        self.hosts = hosts
        self.did: list[str] = []
        self._breaks = breaks

    async def start(self) -> None:
        self._do("start")

    async def stop(self) -> None:
        self._do("stop")

    def _do(self, what: str) -> None:
        self.did.append(what)
        if what in self._breaks:
            raise RuntimeError(f"cannot {what}")


def foundation(state: Path) -> Foundation:
    return lay_foundation(state, port_base=free_port_base())


@pytest.mark.parametrize(
    ("first", "second", "claim"),
    [
        (Part(name="one"), Part(name="one"), "one"),
        (Part(name="one", service=Recorded(".a.test")), Part(name="two", service=Recorded(".A.test")), ".a.test"),
        (Part(name="one", service=Recorded("management.azure.com")), Part(name="two"), "management.azure.com"),
        (
            Part(name="one", control_routes=[Route("GET", "/_standin/devices/{device}", said)]),
            Part(name="two", control_routes=[Route("GET", "/_standin/devices/{id}", said)]),
            "GET /_standin/devices/{}",
        ),
        (
            Part(name="one", control_routes=[Route("GET", "/_standin/health", said)]),
            Part(name="two"),
            "GET /_standin/health",
        ),
        (
            Part(name="one", arm_routes=[Route("POST", "/subscriptions/{s}/check", said)]),
            Part(name="two", arm_routes=[Route("POST", "/subscriptions/{subscription}/Check", said)]),
            "POST /subscriptions/{}/check",
        ),
    ],
)
def test_two_parts_that_claim_one_thing_are_refused(tmp_path: Path, first: Part, second: Part, claim: str) -> None:
    with pytest.raises(ValueError, match="two parts of the stand-in claim") as refusal:
        Standin(foundation(tmp_path), [first, second])

    assert repr(claim) in str(refusal.value)


async def _start_and_stop(standin: Standin) -> None:
    try:
        await standin.start(docker=False)
    finally:
        await standin.stop()


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_part_that_cannot_start_leaves_no_other_running_and_no_port_taken(tmp_path: Path) -> None:
    base = foundation(tmp_path)
    before, broken, after = Recorded(), Recorded(breaks=("start", "stop")), Recorded()
    standin = Standin(base, [Part(name=str(n), service=one) for n, one in enumerate((before, broken, after))])

    with pytest.raises(RuntimeError, match="cannot"):
        asyncio.run(_start_and_stop(standin))

    assert (before.did, broken.did, after.did) == (["start", "stop"], ["start", "stop"], [])
    assert all(_is_free(port) for port in (base.ports.proxy, base.ports.tls, base.ports.plain))


def test_a_part_that_cannot_stop_keeps_no_other_running(tmp_path: Path) -> None:
    first, second = Recorded(), Recorded(breaks=("stop",))
    standin = Standin(foundation(tmp_path), [Part(name="1", service=first), Part(name="2", service=second)])

    with pytest.raises(RuntimeError, match="cannot stop"):
        asyncio.run(_start_and_stop(standin))

    assert first.did == ["start", "stop"]


def test_a_taken_port_leaves_the_others_free(tmp_path: Path) -> None:
    base = foundation(tmp_path)
    with bind("127.0.0.1", base.ports.plain, "another"), pytest.raises(PortTaken):
        asyncio.run(_start_and_stop(Standin(base, [])))

    assert all(_is_free(port) for port in (base.ports.proxy, base.ports.tls, base.ports.plain))
