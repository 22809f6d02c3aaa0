"""`edgeway invoke`: scores files (or what comes in) at the stack's scoring service.

The key comes from the stack's outputs, and goes nowhere but over verified TLS, or to this machine itself.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from cli.arguments import add_stack, seconds
from cli.command import Command
from cli.errors import Failed, Refused
from cli.scoring.endpoint import endpoint_at, stack_endpoint
from cli.stack.outputs import outputs
from cloud.wording import counted

if TYPE_CHECKING:
    from PIL import Image


def _options(parser: argparse.ArgumentParser) -> None:
    add_stack(parser)
    parser.add_argument("file", nargs="*", metavar="FILE", help="JSON or pictures; - or none: JSON from standard input")
    parser.add_argument("--form", action="store_true", help="send one FILE as a form, too")
    parser.add_argument(
        "--set",
        type=_option,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an option of the model, sent with pictures: threshold=.5; may come again",
    )
    parser.add_argument(
        "--draw", type=Path, metavar="OUT.png", help="draw labels or boxes on the one picture; replaces OUT.png"
    )
    parser.add_argument(
        "--least",
        type=_share,
        default=0.4,
        metavar="SCORE",
        help="with --draw: of boxes, those of this score or more (%(default)s; 0: all)",
    )
    parser.add_argument("--model", metavar="NAME", help="which model, where the stack serves several")
    parser.add_argument("--url", help="another address of the service (the stack's key is sent there)")
    parser.add_argument("--deployment", metavar="NAME", help="of an online endpoint, whatever its share")
    parser.add_argument(
        "--timeout", type=seconds, default=30.0, metavar="S", help="seconds to wait for the answer (%(default)g)"
    )
    parser.add_argument("--json", action="store_true", help="print the answer's body alone")


def run(arguments: argparse.Namespace) -> int:
    from cli.online import is_online, key_of
    from cli.scoring.client import reason, score
    from cli.scoring.files import STANDARD_INPUT, body_of_files

    files = arguments.file or [STANDARD_INPUT]
    picture = None if arguments.draw is None else _picture(arguments.draw, files)
    body = body_of_files(files, as_form=arguments.form, options=arguments.set)
    if arguments.url:
        endpoint_at(arguments.url, None, None)  # a bad address is refused before anything is asked
    stack = outputs(arguments.stack, secrets=True)
    name = stack.endpoint(arguments.model)
    scoring = stack["scoring"][name]
    if arguments.deployment and not is_online(scoring):
        raise Refused(f"{name} is no online endpoint: it has no deployments to choose from")
    endpoint = stack_endpoint(scoring, arguments.url)
    key = key_of(stack, name)
    began = time.perf_counter()
    answer = score(endpoint, key, body, arguments.timeout, arguments.deployment)
    took = (time.perf_counter() - began) * 1000
    if answer.status != 200:
        raise Failed(f"{name} at {endpoint.host} answered {answer.status}: {reason(answer.body)}")
    text = answer.body.decode("utf-8", errors="replace")
    print(text if arguments.json else _pretty(text))
    if not arguments.json:
        print(f"{name} {scoring.get('version', '')} at {endpoint.host}: {took:.0f} ms", file=sys.stderr)
    if picture is not None:
        _draw(picture, text, arguments.draw, arguments.least)
    return 0


def _option(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]*", name) is None or not value.isprintable():
        raise argparse.ArgumentTypeError(f"{text!r} is refused; NAME=VALUE is wanted, such as threshold=.5")
    return name, value


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is refused; a number from 0 to 1 is wanted")
    return share


def _picture(target: Path, files: list[str]) -> Image.Image:
    from cli.scoring.drawing import check_target, picture_of

    check_target(target, files)
    return picture_of(files[0])


def _draw(picture: Image.Image, text: str, target: Path, least: float) -> None:
    from cli.scoring.drawing import draw
    from cli.scoring.marks import marks_of

    try:
        marks = marks_of(json.loads(text), picture.size)
    except (ValueError, RecursionError):
        marks = None
    if marks is None:
        raise Failed(f"the answer has neither labels nor boxes: {target} was not drawn")
    drawn = [mark for mark in marks if mark.score >= least]
    draw(picture, drawn, target)
    left = f"; {len(marks) - len(drawn)} below {least:g} left out (--least)" if len(drawn) < len(marks) else ""
    print(f"drawn: {target}, {counted(len(drawn), 'mark')}{left}", file=sys.stderr)


def _pretty(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


COMMAND = Command(
    name="invoke",
    help="score a JSON file or pictures with the deployed model",
    description="Sends FILE (- or nothing: standard input) to POST /score of the stack's scoring service. Its suffix "
    "says what it is: cat.png goes as it is, with its content type; several files, or one with --form, are the parts "
    "of a form, each called by its file's name, and --set adds fields to it, which the model takes as options. --draw "
    "writes the picture with what the answer says of it: the three best labels, or boxes; of these the "
    "likelier ones, as a weak model's hundred would hide it.",
    add_options=_options,
    run=run,
)
