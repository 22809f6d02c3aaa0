from __future__ import annotations

import io
import struct
import tarfile

from standin.containers.group import pause


def test_the_pause_program_is_an_elf_file_that_begins_at_its_code() -> None:
    program = pause.program()
    kind, machine, _, entry = struct.unpack_from("<HHIQ", program, 16)
    assert program[:5] == b"\x7fELF\x02"
    assert (kind, machine, entry) == (2, 62, 0x400078)
    assert program[0x78:] == bytes.fromhex("6a22580f05ebf9")


def test_archives_carry_mode_and_owner() -> None:
    packed = pause.archive({"key": b"k"}, mode=0o400, owner=10001)
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        (entry,) = tar.getmembers()
    assert (entry.name, entry.mode, entry.uid, entry.gid) == ("key", 0o400, 10001, 10001)
    assert pause.names_in(packed) == {"key"}
