# mypy: disable-error-code="import-untyped"
"""`python -m bench.edge.modules.paho ROLE LOGIN`: sender, scorer or sink over paho-mqtt 1.6, at any MQTT server.

paho is what azure-iot-device stands on: here without its pipeline, with the same topics, so that the server is the
limit rather than the client. LOGIN is a file; the sink is a broker's, as the cloud is the edge hub's.
"""

from __future__ import annotations

import dataclasses
import json
import ssl
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from socket import IPPROTO_TCP, TCP_NODELAY
from typing import Any

import paho.mqtt.client as paho

from bench.edge.arrivals import Arrivals, tell_of
from bench.edge.messages import SCORED, SENT, body, event_topic
from bench.edge.modules.pace import due_times
from bench.edge.orders import answer, next_order

WINDOW = 100
"""How many messages wait for their acknowledgement."""
CONNECT_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    host: str
    port: int
    trusted: str
    client_id: str
    username: str = ""
    password: str = ""
    subscribe: str = ""

    @property
    def module(self) -> str:
        return self.client_id.partition("/")[2]

    def write(self, path: Path) -> None:
        path.touch(mode=0o600)
        path.write_text(json.dumps(dataclasses.asdict(self)))


def read_login(path: Path) -> Login:
    return Login(**json.loads(path.read_text()))


def run_sender(login: Login) -> None:
    sender = Sender(login)
    answer("ready")
    while (order := next_order()) is not None:
        sender.send(order["run"], order["count"], order["rate"])
        answer("sent")


class Sender:
    def __init__(self, login: Login) -> None:
        self._module = login.module
        self._room = threading.Semaphore(WINDOW)
        self._client = _client(login)
        self._client.on_publish = lambda client, data, number: self._room.release()
        _connect(self._client)

    def send(self, run: int, count: int, rate: float) -> None:
        for number, due in enumerate(due_times(count, rate)):
            if (wait := due - time.monotonic()) > 0:
                time.sleep(wait)
            self._room.acquire()
            self._client.publish(event_topic(self._module, SENT, f"{run}-{number}"), body(run, number), qos=1)
        for _ in range(WINDOW):
            self._room.acquire()
        self._room.release(WINDOW)


def run_scorer(login: Login) -> None:
    """Sends on what it gets, as a scorer that needs no time."""
    numbers = iter(range(sys.maxsize))
    client = _client(login)

    def on_message(_: Any, __: Any, message: Any) -> None:
        client.publish(event_topic(login.module, SCORED, str(next(numbers))), message.payload, qos=1)

    client.on_message = on_message
    _connect(client, login.subscribe)
    answer("ready")
    while next_order() is not None:
        pass


def run_sink(login: Login) -> None:
    arrivals = Arrivals()
    client = _client(login)
    client.on_message = lambda _, __, message: arrivals.note(time.monotonic_ns(), message.payload)
    _connect(client, login.subscribe)
    answer("ready")
    tell_of(arrivals)


def _client(login: Login) -> Any:
    client = paho.Client(login.client_id, clean_session=False, protocol=paho.MQTTv311)
    client.username_pw_set(login.username, login.password)
    client.tls_set_context(ssl.create_default_context(cafile=login.trusted))
    client.max_inflight_messages_set(0)  # the senders count themselves; paho looks through all that wait
    client.reconnect_delay_set(min_delay=1, max_delay=1)
    client.on_socket_open = _without_delay
    client.connect_async(login.host, login.port)
    return client


def _without_delay(_: Any, __: Any, socket: ssl.SSLSocket) -> None:
    """paho leaves Nagle's algorithm on: a message behind an acknowledgement would wait for that of TCP, up to 40 ms.
    Our hub answers it at once (mqtt/connection.py); with this the broker beside it is not measured by it either."""
    socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)


def _connect(client: Any, subscribe: str = "") -> None:
    """Returns once the server has accepted the client and, where it subscribes, its subscription."""
    accepted, subscribed = threading.Event(), threading.Event()

    def on_connect(_: Any, __: Any, flags: Any, refusal: int) -> None:
        if refusal:
            print(f"refused with {refusal}", file=sys.stderr, flush=True)
            return
        accepted.set()
        if subscribe:
            client.subscribe(subscribe, qos=1)

    client.on_connect = on_connect
    client.on_subscribe = lambda *_: subscribed.set()
    client.loop_start()
    for there in (accepted, subscribed) if subscribe else (accepted,):
        if not there.wait(CONNECT_SECONDS):
            sys.exit(f"no connection in {CONNECT_SECONDS:.0f} s")


if __name__ == "__main__":
    role, login = sys.argv[1], read_login(Path(sys.argv[2]))
    {"sender": run_sender, "scorer": run_scorer, "sink": run_sink}[role](login)
