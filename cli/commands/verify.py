"""`edgeway verify`: asks a deployed place the golden examples of a model's card, and compares the answers.

The card is the one of the model that the stack deployed, or a file; the place is the stack's scoring service, or any
address that serves `POST /score`: a container on this machine, an online endpoint, a device.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from cli.arguments import Commands, add_stack, seconds
from cli.errors import Failed, Refused
from cli.scoring.client import Answer, Endpoint, endpoint_of, reason, score, stack_endpoint
from cli.stack.file import ROOT
from cli.stack.outputs import outputs
from contracts.artifacts import ArtifactStore
from contracts.card import Card, CardError, Golden, load_card, version_of
from contracts.golden import difference

_SHOWN_LENGTH = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    endpoint: Endpoint
    key: str | None
    card: Card
    version: str
    """Empty where a card alone was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    name: str
    milliseconds: float
    problem: str | None
    """None where the answer agrees; else what was expected and what came."""


def add(commands: Commands) -> None:
    command = commands.add_parser(
        "verify",
        help="check a deployed model by the golden examples of its card",
        description="Sends each golden example to POST /score of URL (the stack's scoring service when left out) and "
        "compares the answers. Exit code 1 names the first example that differs, what was expected and what came.",
    )
    add_stack(command)
    command.add_argument("url", nargs="?", metavar="URL", help="where the model is served, such as https://host/score")
    command.add_argument("--model", metavar="NAME", help="which model, where the stack serves several")
    command.add_argument(
        "--card", metavar="FILE", help="examples from this card.json or artifact folder: no stack is asked"
    )
    command.add_argument("--key-file", metavar="FILE", help="holds the service's key (without --card: the stack's key)")
    command.add_argument("--ca", metavar="FILE", help="trust this CA certificate (PEM) instead")
    command.add_argument("--timeout", type=seconds, default=30.0, metavar="S", help="of one example (default 30)")
    command.add_argument("--json", action="store_true")
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    place = _from_card(arguments) if arguments.card else _from_stack(arguments)
    if not place.card.golden:
        raise Refused(f"the card of {place.card.name} has no golden examples: nothing can be verified")
    checked = [check(place, example, arguments.timeout) for example in place.card.golden]
    wrong = [entry for entry in checked if entry.problem]
    where, model = place.endpoint.host, f"{place.card.name} {place.version}".strip()
    if arguments.json:
        print(json.dumps(_document(place, checked), indent=2))
    else:
        for entry in checked:
            print(f"{'NOT' if entry.problem else 'ok '} {entry.name}  {entry.milliseconds:.1f} ms")
    if wrong:
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        raise Failed(f"{model} at {where}: golden example {wrong[0].name!r} {wrong[0].problem}{more}")
    if not arguments.json:
        median = statistics.median(entry.milliseconds for entry in checked)
        print(f"{model} at {where}: {len(checked)} golden examples agree, median {median:.1f} ms", file=sys.stderr)
    return 0


def check(place: Place, example: Golden, timeout: float) -> Checked:
    body = json.dumps(example.input, separators=(",", ":")).encode()
    begin = time.perf_counter()
    answer = score(place.endpoint, place.key, body, timeout)
    return Checked(
        name=example.name,
        milliseconds=round((time.perf_counter() - begin) * 1000, 3),
        problem=_problem(example, answer),
    )


def _problem(example: Golden, answer: Answer) -> str | None:
    if answer.status != 200:
        return f"expected an answer, got {answer.status}: {reason(answer.body)}"
    try:
        got: Any = json.loads(answer.body)
    except ValueError:
        return f"expected JSON, got {_shown(answer.body.decode('utf-8', errors='replace'))}"
    found = difference(example.output, got, example.tolerance)
    if found is None or _agrees_as_text(example, got):
        return None
    return f"differs at {found.path}: expected {_shown(found.expected)}, got {_shown(found.got)}"


def _agrees_as_text(example: Golden, got: Any) -> bool:
    """Azure ML's original form, which some services are set to: the answer as text in a list of one."""
    if not (isinstance(got, list) and len(got) == 1 and isinstance(got[0], str)):
        return False
    try:
        return difference(example.output, json.loads(got[0]), example.tolerance) is None
    except ValueError:
        return False


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN_LENGTH else f"{text[:_SHOWN_LENGTH]}..."


def _from_card(arguments: argparse.Namespace) -> Place:
    if arguments.url is None:
        raise Refused("--card asks no stack, so it needs the URL of the service too")
    key = _key(arguments.key_file)
    return Place(
        endpoint=endpoint_of(_scoring_url(arguments.url), None, _text(arguments.ca, "--ca"), keyed=key is not None),
        key=key,
        card=_card(Path(arguments.card)),
        version="",
    )


def _from_stack(arguments: argparse.Namespace) -> Place:
    given = None if arguments.url is None else _scoring_url(arguments.url)
    if given is not None:
        endpoint_of(given, None, None)  # a bad address is refused before anything is asked
    key, ca = _key(arguments.key_file), _text(arguments.ca, "--ca")
    stack = outputs(arguments.stack, secrets=key is None)
    model = stack.model(arguments.model)
    scoring, digest = stack["scoring"][model], str(stack["models"][model]["digest"])
    folder = ArtifactStore(ROOT / ".artifacts").path(digest)
    if folder is None:
        raise Failed(
            f"the artifact {version_of(digest)} of {model} is not in this clone (.artifacts): give its card by --card"
        )
    return Place(
        endpoint=stack_endpoint(scoring, given, ca_pem=ca),
        key=key if key is not None else str(stack["scoringKeys"][model]),
        card=_card(folder),
        version=version_of(digest),
    )


def _scoring_url(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path="/score")) if parts.path in ("", "/") else url


def _card(path: Path) -> Card:
    try:
        return load_card(path)
    except OSError as error:
        raise Refused(f"card {str(path)!r} cannot be read: {error.strerror}") from error
    except CardError as error:
        raise Refused(str(error)) from error


def _key(name: str | None) -> str | None:
    text = _text(name, "--key-file")
    if text is not None and not text.strip():
        raise Refused(f"--key-file {name!r} is empty; it must hold the service's key")
    return None if text is None else text.strip()


def _text(name: str | None, option: str) -> str | None:
    if name is None:
        return None
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{option} {name!r} cannot be read: {error}") from error


def _document(place: Place, checked: Sequence[Checked]) -> dict[str, Any]:
    return {
        "model": place.card.name,
        "version": place.version or None,
        "host": place.endpoint.host,
        "agree": not any(entry.problem for entry in checked),
        "examples": [
            {"name": entry.name, "milliseconds": entry.milliseconds, "problem": entry.problem} for entry in checked
        ],
    }
