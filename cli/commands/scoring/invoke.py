"""`edgeway invoke`: scores a file (or what comes in) at the stack's scoring service.

The key comes from the stack's outputs, and goes nowhere but over verified TLS, or to this machine itself.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from cli.arguments import add_stack, seconds
from cli.command import Command
from cli.errors import Failed, Refused
from cli.scoring.endpoint import endpoint_at, stack_endpoint
from cli.stack.outputs import outputs

_MAX_BYTES = 64 * 1024 * 1024


def _options(parser: argparse.ArgumentParser) -> None:
    add_stack(parser)
    parser.add_argument("file", nargs="?", default="-", metavar="FILE", help="a JSON body; - is standard input")
    parser.add_argument("--model", metavar="NAME", help="which model, where the stack serves several")
    parser.add_argument("--url", help="another address of the service (the stack's key is sent there)")
    parser.add_argument("--timeout", type=seconds, default=30.0, metavar="S")
    parser.add_argument("--json", action="store_true", help="print the answer's body alone")


def run(arguments: argparse.Namespace) -> int:
    from cli.scoring.client import reason, score

    body = _read(arguments.file)
    if arguments.url:
        endpoint_at(arguments.url, None, None)  # a bad address is refused before anything is asked
    stack = outputs(arguments.stack, secrets=True)
    name = stack.endpoint(arguments.model)
    scoring = stack["scoring"][name]
    endpoint = stack_endpoint(scoring, arguments.url)
    began = time.perf_counter()
    answer = score(endpoint, str(stack["scoringKeys"][name]), body, arguments.timeout)
    took = (time.perf_counter() - began) * 1000
    if answer.status != 200:
        raise Failed(f"{name} at {endpoint.host} answered {answer.status}: {reason(answer.body)}")
    text = answer.body.decode("utf-8", errors="replace")
    print(text if arguments.json else _pretty(text))
    if not arguments.json:
        print(f"{name} {scoring.get('version', '')} at {endpoint.host}: {took:.0f} ms", file=sys.stderr)
    return 0


def _read(name: str) -> bytes:
    try:
        body = sys.stdin.buffer.read(_MAX_BYTES + 1) if name == "-" else _file(Path(name))
    except OSError as error:
        raise Refused(f"file {name!r} cannot be read: {error.strerror}") from error
    if len(body) > _MAX_BYTES:
        raise Refused(f"file {name!r} is larger than {_MAX_BYTES} bytes")
    return body


def _file(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MAX_BYTES + 1)


def _pretty(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


COMMAND = Command(
    name="invoke",
    help="score a JSON file with the deployed model",
    description="Sends FILE (- or nothing: standard input) to POST /score of the stack's scoring service.",
    add_options=_options,
    run=run,
)
