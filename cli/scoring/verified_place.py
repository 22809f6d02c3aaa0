"""The place that `verify` and `load` ask: found by a card and an address, or by what a stack has deployed."""

from __future__ import annotations

import argparse
import ssl
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from cli.errors import Failed, Refused
from cli.online import is_online, key_of
from cli.scoring.cards import deployed_card, read_card
from cli.scoring.endpoint import endpoint_at, stack_endpoint
from cli.scoring.verification import VerifiedPlace
from cli.stack.environment import enter
from cli.stack.outputs import outputs
from contracts.card import version_of


def place_of(arguments: argparse.Namespace) -> VerifiedPlace:
    """By the options of `add_place`. Raises Refused where a file or address among them is wrong."""
    return _from_card(arguments) if arguments.card else _from_stack(arguments)


def _from_card(arguments: argparse.Namespace) -> VerifiedPlace:
    if arguments.url is None:
        raise Refused("--card asks no stack, so it needs the URL of the service too")
    key = _key(arguments.key_file)
    return VerifiedPlace(
        endpoint=endpoint_at(_scoring_url(arguments.url), None, _ca(arguments.ca), keyed=key is not None),
        key=key,
        card=read_card(Path(arguments.card)),
        version="",
    )


def _from_stack(arguments: argparse.Namespace) -> VerifiedPlace:
    given = None if arguments.url is None else _scoring_url(arguments.url)
    if given is not None:
        endpoint_at(given, None, None)  # a bad address is refused before anything is asked
    return place_of_stack(
        arguments.stack, arguments.model, url=given, key=_key(arguments.key_file), ca_pem=_ca(arguments.ca)
    )


def place_of_stack(
    stack_name: str, model: str | None, *, url: str | None = None, key: str | None = None, ca_pem: str | None = None
) -> VerifiedPlace:
    """What a stack has deployed for a model; `url`, `key` and `ca_pem` instead of its own."""
    stack = outputs(stack_name, secrets=key is None)
    name = stack.endpoint(model)
    if is_online(stack["scoring"][name]):
        enter(stack_name)  # it is reached as Azure is
    digest = stack.artifact_of(name)
    card = deployed_card(digest)
    if card is None:
        artifact = f"the artifact {version_of(digest)} of {stack.model_of(name)}"
        raise Failed(f"{artifact} is not in this clone (.artifacts): give its card by --card")
    return VerifiedPlace(
        endpoint=stack_endpoint(stack["scoring"][name], url, ca_pem=ca_pem),
        key=key if key is not None else key_of(stack, name),
        card=card,
        version=version_of(digest),
        production=stack["environment"] == "prod",
        deployment=stack["scoring"][name].get("deployment"),
    )


def _scoring_url(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return url  # refused where it is read
    return urlunsplit(parts._replace(path="/score")) if parts.path in ("", "/") else url


def _key(name: str | None) -> str | None:
    text = _text(name, "--key-file")
    if text is not None and not text.strip():
        raise Refused(f"--key-file {name!r} is empty; it must hold the service's key")
    if text is not None and (len(text.split()) > 1 or not text.isascii()):
        raise Refused(f"--key-file {name!r} holds more than a key; one word of ASCII is wanted")
    return None if text is None else text.strip()


def _ca(name: str | None) -> str | None:
    pem = _text(name, "--ca")
    if pem is None:
        return None
    try:
        ssl.create_default_context(cadata=pem or "none")  # an empty text would mean the machine's own
    except ssl.SSLError as error:
        raise Refused(f"--ca {name!r} holds no certificate in PEM") from error
    return pem


def _text(name: str | None, option: str) -> str | None:
    if name is None:
        return None
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{option} {name!r} cannot be read: {error}") from error
