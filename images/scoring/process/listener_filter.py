"""Stops a listening socket from taking new connections, and loses none that the kernel has accepted for it.

Linux resets every connection that waits in a listener's queue when the listener is closed, and accepting until the
queue is empty leaves a moment before the close. A socket filter that drops what opens a connection (RFC 9293, 3.5: a
segment with SYN) ends the arrivals first; such a client tries again a second later and is then refused as by any closed
port. The filter is of the classic kind, which needs no privilege (Linux, Documentation/networking/filter.rst).
"""

from __future__ import annotations

import ctypes
import logging
import socket
import struct

log = logging.getLogger("scoring.door")

# <asm-generic/socket.h>: Python names neither
SO_ATTACH_FILTER = 26
SO_DETACH_FILTER = 27

FLAGS_OFFSET = 13
SYN = 0x02
# <linux/bpf_common.h>, <linux/filter.h>: (code, jump if true, jump if false, operand)
DROP_SYN = (
    (0x30, 0, 0, FLAGS_OFFSET),  # load the byte of TCP flags
    (0x45, 0, 1, SYN),  # any of these bits set?
    (0x06, 0, 0, 0),  # yes: keep no byte
    (0x06, 0, 0, 0xFFFFFFFF),  # no: keep all
)


def drop_new_connections(listener: socket.socket) -> bool:
    """False where the system has no such filter (gVisor, say): closing then has its small window again.

    It holds for every process that shares the socket, until one of them calls `accept_new_connections`.
    """
    program = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in DROP_SYN))
    try:
        # struct sock_fprog: how many steps, and where they are
        listener.setsockopt(
            socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("@HP", len(DROP_SYN), ctypes.addressof(program))
        )
    except OSError as error:
        log.info("no filter on the listener: %s", error)
        return False
    return True


def accept_new_connections(listener: socket.socket) -> None:
    """Undo it: a worker that ended alone may have attached the filter, to the socket that all workers share."""
    try:
        listener.setsockopt(socket.SOL_SOCKET, SO_DETACH_FILTER, 0)
    except OSError:
        # none is there
        return
