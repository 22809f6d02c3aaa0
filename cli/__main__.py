"""The `edgeway` command.

Exit codes: 0 done; 1 tried and failed; 2 refused (command line, file, configuration); 3 a service did not answer in
time; 130 Ctrl-C.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence

from cli.commands import data, device, env, leftovers, monitor, show, verify
from cli.errors import CliError
from cli.needs import machine as doctor
from cli.scoring import client as invoke

_COMMANDS = (doctor, env, data, show, monitor, invoke, verify, device, leftovers)


def parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(
        prog="edgeway",
        description="From a model's training code to a scoring service and edge devices: what is around `pulumi up`.",
        epilog="Exit codes: 0 done, 1 failed, 2 refused, 3 a service did not answer in time, 130 Ctrl-C.",
    )
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in _COMMANDS:
        command.add(commands)
    return root


def main(argv: Sequence[str] | None = None) -> int:
    # errors come as exceptions; what the SDKs log beside them only hides the one line that counts
    logging.getLogger("azure").setLevel(logging.CRITICAL)
    arguments = parser().parse_args(argv)
    try:
        code: int = arguments.run(arguments)
        sys.stdout.flush()
    except CliError as error:
        print(f"edgeway: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("edgeway: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # the reader (`| head`) has what it wanted; the interpreter must not complain at its own flush
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


if __name__ == "__main__":
    sys.exit(main())
