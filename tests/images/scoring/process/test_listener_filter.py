"""A listener that takes no new connections keeps those that it has."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from images.scoring.process.listener_filter import accept_new_connections, drop_new_connections
from images.scoring.process.server import listen
from tests.waiting import DEADLINE_S


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with listen("127.0.0.1", 0) as listener:
        yield listener


def connects(listener: socket.socket, within_s: float = DEADLINE_S) -> bool:
    try:
        socket.create_connection(listener.getsockname(), timeout=within_s).close()
    except TimeoutError:
        return False
    return True


def test_a_connection_that_waits_to_be_accepted_is_kept(listener: socket.socket) -> None:
    with socket.create_connection(listener.getsockname(), timeout=DEADLINE_S) as early:
        assert drop_new_connections(listener)
        assert not connects(listener, within_s=0.3)
        early.sendall(b"first")
        accepted, _ = listener.accept()
        with accepted:
            accepted.settimeout(DEADLINE_S)
            assert accepted.recv(5) == b"first"
            accepted.sendall(b"answer")
            assert early.recv(6) == b"answer"
            early.sendall(b"second")
            assert accepted.recv(6) == b"second"


def test_new_connections_can_be_taken_again(listener: socket.socket) -> None:
    drop_new_connections(listener)
    accept_new_connections(listener)
    assert connects(listener)
    accept_new_connections(listener)
    assert connects(listener)


def test_a_socket_without_filters_is_said_and_left_as_it_is() -> None:
    with socket.socket() as closed:
        pass
    assert not drop_new_connections(closed)
