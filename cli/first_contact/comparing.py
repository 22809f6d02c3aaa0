"""Whether what was sent came back: a service may add to it, and spell ids and regions otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cli.first_contact.finding import Surprise

_LONGEST = 60


def read_back(sent: Mapping[str, Any], answered: Mapping[str, Any], *, without: Sequence[str] = ()) -> str:
    """Says so; a Surprise that names the first places that did not. `without` are paths that are never shown."""
    lost = [place for place in differences(sent, answered) if not place.startswith(tuple(without))]
    if lost:
        raise Surprise(f"not as it was sent: {'; '.join(lost[:5])}{f' and {len(lost) - 5} more' if lost[5:] else ''}")
    return "all that was sent came back"


def differences(sent: Any, answered: Any, path: str = "") -> Iterator[str]:
    """Places of `sent` that the answer lacks, or has with another value."""
    if isinstance(sent, Mapping):
        for key, value in sent.items():
            place = f"{path}.{key}".lstrip(".")
            name = _named(key, answered)
            if name is None:
                yield f"{place} is left out"
            else:
                yield from differences(value, answered[name], place)
    elif isinstance(sent, list):
        if not isinstance(answered, list) or len(sent) != len(answered):
            yield f"{path} is {_short(answered)}, sent were {_short(sent)}"
        else:
            for index, (one, other) in enumerate(zip(sent, answered, strict=True)):
                yield from differences(one, other, f"{path}[{index}]")
    elif not _same(sent, answered, path):
        yield f"{path} is {_short(answered)}, sent was {_short(sent)}"


def _named(key: str, answered: Any) -> str | None:
    """The key as it was answered: an id may be spelt otherwise where it is a key."""
    if not isinstance(answered, Mapping):
        return None
    if key in answered:
        return key
    if key.startswith("/"):
        return next((name for name in answered if str(name).lower() == key.lower()), None)
    return None


def _same(sent: Any, answered: Any, path: str) -> bool:
    if isinstance(sent, str) and isinstance(answered, str):
        if path == "location":
            return _plain(sent) == _plain(answered)
        return sent == answered or (sent.startswith("/subscriptions/") and sent.lower() == answered.lower())
    return bool(sent == answered)


def _plain(location: str) -> str:
    return location.replace(" ", "").lower()


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
