"""What a container of a group may do: no more than is known to be needed there, and its kernel's bound for ports."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from standin.containerinstance.group_of import CAPABILITIES
from tests.standin.containerinstance.groups import Group, body, container, until

pytestmark = pytest.mark.docker

# <linux/capability.h>
NUMBERS = {"CHOWN": 0, "SETGID": 6, "SETUID": 7, "NET_BIND_SERVICE": 10}

TELLS = """
import os, re, socket, time
print("bounding", re.search(r"CapBnd:\\s*(\\w+)", open("/proc/self/status").read())[1], flush=True)
print("from", open("/proc/sys/net/ipv4/ip_unprivileged_port_start").read().strip(), flush=True)
def listens(port):
    try:
        socket.create_server(("", port)).close()
        return "listens"
    except OSError as error:
        return os.strerror(error.errno)
print("root", listens(443), flush=True)
os.setresuid(10001, 10001, 10001)
print("other", listens(443), flush=True)
print("above", listens(8443), flush=True)
time.sleep(99)
"""


def test_no_user_but_root_listens_on_443_and_root_may_do_little_else(group: Callable[..., Group]) -> None:
    made = group("g-rights", **body(container(script=TELLS), ports=()))
    until(lambda: "above" in made.logs(), "it has told")
    allowed = sum(1 << NUMBERS[name] for name in CAPABILITIES)
    assert made.logs().splitlines() == [
        f"bounding {allowed:016x}",
        "from 1024",
        "root listens",
        "other Permission denied",
        "above listens",
    ]
