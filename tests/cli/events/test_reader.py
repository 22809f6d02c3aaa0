"""The reader of the built-in endpoint over azure-eventhub, unmodified, against a hub of the stand-in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from cli.events.endpoint import built_in_endpoint
from cli.events.reader import Reader
from cli.stack.outputs import Hub
from standin.iothub import D2CMessage
from standin.iothub.registry.identity import MANAGED_BY
from standin.iothub.registry.requests import IdentityRequest
from tests.standin.iothub.conftest import hubs_of, make_hub
from tests.standin.running import RunningStandin
from tests.waiting import DEADLINE_S

FEWER_THAN_A_PREFETCH = 200
"""Of 300: a client that waits for a full one gets nothing."""

DEVICES = [f"edge-{number:02}" for number in range(1, 9)]
"""So many that each partition has messages of some."""

pytestmark = [
    pytest.mark.slow,
    # websocket-client 1.9.0 leaves sockets to the garbage collector
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning"),
]


def until_nobody_reads(wake: Callable[[], object]) -> None:
    """A process that ends while a thread is inside OpenSSL may crash (cli/__main__.py): here that would be pytest's. A
    read of a partition on which nothing comes would hold its thread for half a minute."""
    deadline = time.monotonic() + DEADLINE_S
    while reading := [thread for thread in threading.enumerate() if "events" in thread.name]:
        assert time.monotonic() < deadline, reading
        wake()
        reading[0].join(0.2)


def test_a_trickle_of_messages_is_shown_as_it_comes_although_a_partition_is_idle(standin: RunningStandin) -> None:
    made = make_hub("hub-trickle")

    sending: set[str] = set()

    def send(number: int, device: str = "edge-01") -> None:
        def append(_: object) -> None:
            hub = hubs_of(standin).get(made.host)
            assert hub is not None
            if device not in sending:
                sending.add(device)
                with hub.transaction():
                    hub.registry.put_device(device, IdentityRequest(edge=True), None)
                hub.ensure_module(device, "scorer", MANAGED_BY)
            hub.append(device, "scorer", [D2CMessage(body=b"{}", system={"messageId": str(number)}, properties={})])

        standin.do(append)

    def send_of_each(number: int) -> None:
        for device in DEVICES:
            send(number, device)

    send(0)
    stop, number = threading.Event(), 0

    def trickle() -> None:
        nonlocal number
        while number < FEWER_THAN_A_PREFETCH and not stop.wait(0.1):
            number += 1
            send(number)

    sender = threading.Thread(target=trickle)
    sender.start()
    try:
        with Reader(built_in_endpoint(Hub(made.name, made.host, "rg", "$Default")), ("-1", False)) as reader:
            read = [reader.next(DEADLINE_S) for _ in range(10)]
    finally:
        stop.set()
        sender.join()
        until_nobody_reads(lambda: send_of_each(number))
    assert [message.id for message in read if message] == [str(number) for number in range(10)]
    assert {message.device for message in read if message} == {"edge-01"}
