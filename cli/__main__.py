"""The `edgeway` command.

Exit codes: 0 done; 1 tried and failed; 2 refused (command line, file, configuration); 3 a service did not answer in
time; 130 Ctrl-C.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import traceback
from collections.abc import Sequence
from typing import NoReturn

from cli.command import parser_of
from cli.commands import (
    changes,
    data,
    device,
    doctor,
    endpoint,
    env,
    first_contact,
    job,
    layer,
    leftovers,
    model,
    monitor,
    names,
    rollout,
    show,
)
from cli.commands.scoring import invoke, load, verify
from cli.errors import CliError
from cli.screen import columns, wrapped

COMMANDS = (
    doctor.COMMAND,
    env.COMMAND,
    names.COMMAND,
    model.GROUP,
    layer.GROUP,
    data.COMMAND,
    changes.COMMAND,
    show.COMMAND,
    monitor.COMMAND,
    invoke.COMMAND,
    verify.COMMAND,
    load.COMMAND,
    endpoint.GROUP,
    device.GROUP,
    job.GROUP,
    rollout.GROUP,
    leftovers.COMMAND,
    first_contact.COMMAND,
)
"""In the order in which `edgeway --help` lists them."""


def main(argv: Sequence[str] | None = None) -> int:
    # errors come as exceptions; what the SDKs log beside them only hides the one line that counts
    logging.getLogger("azure").setLevel(logging.CRITICAL)
    arguments = parser_of(COMMANDS).parse_args(argv)
    try:
        code: int = arguments.run(arguments)
        sys.stdout.flush()
    except CliError as error:
        print("\n".join(_folded(f"edgeway: {error}")), file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("edgeway: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # the reader (`| head`) has what it wanted; the interpreter must not complain at its own flush
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def command() -> NoReturn:
    """`main` as a process. One that still reads messages in a thread ends without the interpreter's own end: that frees
    what OpenSSL is reading into (glibc: "double free or corruption")."""
    try:
        code = main()
    except Exception:
        traceback.print_exc()
        code = 1
    others = [thread for thread in threading.enumerate() if thread is not threading.current_thread()]
    if others and all(thread.daemon for thread in others):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def _folded(text: str) -> list[str]:
    """Each of its lines, on a terminal over as many as its width takes."""
    lines = text.splitlines()
    return [row for line in lines for row in wrapped(line, columns())] if sys.stderr.isatty() else lines


if __name__ == "__main__":
    command()
