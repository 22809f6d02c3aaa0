"""Gives root up for good. Only a container group starts the process as root, and nothing of a model ever runs as it.

There no other user can listen on a port below 1024, and nobody says who may read the files of a secret volume: so the
sockets are bound and the secrets are read first. Then the process becomes the user that it is from the start in every
other place, and proves that there is no way back. https://man7.org/linux/man-pages/man7/capabilities.7.html
"""

from __future__ import annotations

import ctypes
import os
import re
import struct
from collections.abc import Iterator
from pathlib import Path

from images.scoring.errors import StartError

USER = GROUP = 10001

# <linux/prctl.h>: Python names none
PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38
PR_GET_NO_NEW_PRIVS = 39
# <linux/capability.h>: struct __user_cap_header_struct for this process, and two of __user_cap_data_struct without any
CAPABILITY_VERSION_3 = 0x20080522
_OF_THIS_PROCESS, _NONE = struct.pack("=Ii", CAPABILITY_VERSION_3, 0), bytes(24)

_HELD = re.compile(r"^Cap(?:Prm|Eff|Inh|Amb):\s*([0-9a-f]+)$", re.MULTILINE)


def drop_root() -> None:
    """Returns at once where the process has another user. Raises StartError where root cannot be given up, or could be
    had again: nothing may run then."""
    if 0 not in os.getresuid():
        return
    try:
        os.setgroups([])
        os.setresgid(GROUP, GROUP, GROUP)
        os.setresuid(USER, USER, USER)
    except OSError as error:
        raise StartError(
            f"the process was started as root and cannot become the user {USER}:{GROUP} ({error.strerror}): start "
            f'the container as that user (--user {USER}:{GROUP}; createOptions "User"), or leave it the capabilities '
            "SETGID and SETUID"
        ) from error
    _hold_nothing()
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    # The kernel takes /proc/self from a process that was root; scripts and `subprocess` look into it.
    _prctl(PR_SET_DUMPABLE, 1)
    # as Docker has it for a user without a home
    os.environ["HOME"] = "/"
    if faults := list(_ways_back()):
        raise StartError(f"the process gave root up and could be root again: {'; '.join(faults)}")


def _ways_back() -> Iterator[str]:
    users, groups = {*os.getresuid()}, {*os.getresgid(), *os.getgroups()}
    if users != {USER} or groups != {GROUP}:
        yield f"its users are {sorted(users)}, its groups {sorted(groups)}"
    if _prctl(PR_GET_NO_NEW_PRIVS) != 1:
        yield "no_new_privs is not set"
    if _held():
        yield "it holds capabilities"
    try:
        os.setresuid(0, 0, 0)
    except PermissionError:
        return
    yield "setresuid(0, 0, 0) is allowed"


def _hold_nothing() -> None:
    """The inheritable capabilities, which older container engines give, have not gone with root."""
    ctypes.CDLL(None).capset(_OF_THIS_PROCESS, _NONE)


def _held() -> bool:
    masks = _HELD.findall(Path("/proc/self/status").read_text())
    return not masks or any(int(mask, 16) for mask in masks)


def _prctl(option: int, value: int = 0) -> int:
    """-1 where the kernel refuses."""
    return int(ctypes.CDLL(None).prctl(option, ctypes.c_ulong(value), *[ctypes.c_ulong(0)] * 3))
