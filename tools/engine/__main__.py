"""python -m tools.engine ACTION STACK [OPTIONS OF PULUMI]: `pulumi ACTION` for a stack, shown as fits the place.

ACTION is up, preview, refresh or destroy; all but preview go on without Pulumi's own question. The exit code is
Pulumi's; 128 and a signal's number where that ended it, 127 where there is no pulumi.

- On a terminal Pulumi's process takes this one's place, and draws its tree.
- Elsewhere (a pipe, a file, CI set to anything) it is asked for its events, and each is a line on standard output, at
  most COLUMNS wide (120 where that is not set). What it says before its first event passes through on standard error.

Stack outputs are never shown: `edgeway show` tells them. To be run in the stack's environment (`tools/stack.sh`).
"""

from __future__ import annotations

import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import IO, Any

from tools.engine.events import event_of
from tools.engine.lines import Lines

ACTIONS = ("up", "preview", "refresh", "destroy")
_WIDTH = 120
_TICK_SECONDS = 5.0
_NOT_FOUND = 127
"""What a shell says of a command that is not there."""
_OF_EVERY_EVENT = {"sequence", "timestamp"}


def command(action: str, stack: str, options: Sequence[str], *, terminal: bool) -> list[str]:
    goes_on = [] if action == "preview" else ["--yes", "--skip-preview"]
    shown = [] if terminal else ["--non-interactive", "--json"]
    return ["pulumi", action, "--stack", stack, *goes_on, "--suppress-outputs", *shown, *options]


def is_terminal(environment: Mapping[str, str] = os.environ) -> bool:
    return sys.stdout.isatty() and not environment.get("CI") and environment.get("TERM", "dumb") != "dumb"


def width(environment: Mapping[str, str] = os.environ) -> int:
    given = environment.get("COLUMNS", "")
    return max(int(given), 40) if given.isdecimal() else _WIDTH


def main(arguments: Sequence[str]) -> int:
    if len(arguments) < 2 or arguments[0] not in ACTIONS:
        print(f"usage: python -m tools.engine {'|'.join(ACTIONS)} STACK [options of pulumi]", file=sys.stderr)
        return 2
    action, stack, *options = arguments
    if shutil.which("pulumi") is None:
        print(
            "error: there is no pulumi on PATH; `make init` installs it, and tools/stack.sh finds it", file=sys.stderr
        )
        return _NOT_FOUND
    if is_terminal():
        # what the program and its plugins say is wrapped to it, as Pulumi wraps nothing
        os.environ["TERMINAL_COLUMNS"] = str(shutil.get_terminal_size().columns)
        os.execvp("pulumi", command(action, stack, options, terminal=True))
    return follow(command(action, stack, options, terminal=False), Lines(width()))


def follow(pulumi: Sequence[str], lines: Lines) -> int:
    """Runs it to its end, which a Ctrl-C or a SIGTERM only asks for, and tells its events."""
    # without it a preview is one document, at the end
    environment = {**os.environ, "PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true"}
    handled = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    # a Ctrl-C reaches the whole group, Pulumi included
    signal.signal(signal.SIGINT, lambda *_: None)
    try:
        with subprocess.Popen(pulumi, env=environment, stdout=subprocess.PIPE, text=True, errors="replace") as child:
            signal.signal(signal.SIGTERM, lambda *_: child.send_signal(signal.SIGTERM))
            _tell(child.stdout, lines)
        return exit_code(child.returncode)
    finally:
        for number, handler in handled.items():
            signal.signal(number, handler)


def exit_code(status: int) -> int:
    """As a shell says it: 128 and the signal for a child that one has ended (137 for SIGKILL)."""
    return status if status >= 0 else 128 - status


def _tell(stream: IO[str] | None, lines: Lines) -> None:
    arriving: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_pump, args=(stream, arriving), daemon=True).start()
    reader_is_there = True
    while True:
        try:
            text = arriving.get(timeout=_TICK_SECONDS)
        except queue.Empty:
            told = lines.tick()
        else:
            if text is None:
                return
            told = _lines_of(text, lines)
        try:
            if told and reader_is_there:
                print("\n".join(told), flush=True)
        except BrokenPipeError:
            # `| head` has what it wanted; the run is not given up for that
            reader_is_there = False
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _lines_of(text: str, lines: Lines) -> list[str]:
    event: dict[str, Any] | None = event_of(text)
    if event is None:
        return [text.rstrip("\n")]
    try:
        return lines.of(event)
    except (LookupError, TypeError, ValueError, AttributeError):
        # another engine may shape it otherwise; the run goes on, and somebody has to see it to its end
        return [f"({', '.join(sorted(set(event) - _OF_EVERY_EVENT))}: an event of a shape that is not known here)"]


def _pump(stream: IO[str] | None, arriving: queue.Queue[str | None]) -> None:
    for line in stream or ():
        arriving.put(line)
    arriving.put(None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
