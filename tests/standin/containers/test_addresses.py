from __future__ import annotations

import ipaddress
import socket

from standin.containers.addresses import candidates, choose, is_free


def test_all_candidates_are_loopback_and_none_is_twice() -> None:
    found = list(candidates("instance", "key"))
    assert len(set(found)) == len(found) == 254
    assert all(ipaddress.ip_address(each).is_loopback for each in found)
    assert not any(each.startswith("127.0.") for each in found)


def test_two_stand_ins_have_different_addresses() -> None:
    assert not set(candidates("one", "key")) & set(candidates("two", "key"))


def test_a_group_tends_to_its_own_address() -> None:
    assert choose("i", "key", [80], [], lambda *_: True) == choose("i", "key", [80], [], lambda *_: True)


def test_a_taken_address_and_a_port_in_use_are_passed_over() -> None:
    first, second, third, *_ = candidates("i", "key")
    assert choose("i", "key", [80], [first], lambda address, port: address != second) == third


def test_all_addresses_may_be_taken() -> None:
    assert choose("i", "key", [443, 80], [], lambda *_: False) is None


def test_a_port_that_somebody_listens_on_is_not_free() -> None:
    with socket.socket() as listener:
        listener.bind(("127.77.77.77", 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert not is_free("127.77.77.77", port)
        assert is_free("127.77.77.78", port)
