"""The model card that a place is checked by, from a file or from the artifact that a stack deployed."""

from __future__ import annotations

from pathlib import Path

from cli.errors import Refused
from clone.layout import Clone
from contracts.card import Card, CardError, load_card


def read_card(path: Path) -> Card:
    """`path` is a `card.json` or the folder of an artifact."""
    try:
        return load_card(path)
    except OSError as error:
        raise Refused(f"card {str(path)!r} cannot be read: {error.strerror}") from error
    except CardError as error:
        raise Refused(str(error)) from error
    except RecursionError as error:
        raise Refused(f"card {str(path)!r} is nested too deep; a card.json that training wrote is wanted") from error


def deployed_card(digest: str) -> Card | None:
    """The card of the artifact that a stack's output names; None where this clone does not have the artifact, or
    has changed it."""
    folder = Clone().artifact(digest)
    return None if folder is None else read_card(folder)
