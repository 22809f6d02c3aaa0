"""The two passwords of a registry token: shown once, kept as a hash.

https://learn.microsoft.com/rest/api/container-registry/registries/generate-credentials
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypedDict

SLOTS = ("password1", "password2")


class Slot(TypedDict):
    salt: str
    digest: str
    created: str
    expiry: str | None


def chosen(name: str | None) -> tuple[str, ...]:
    """Without a name Azure regenerates both: whoever held one of them is locked out."""
    if name is None:
        return SLOTS
    if name not in SLOTS:
        raise ValueError(f"password name {name!r} is not one of {', '.join(SLOTS)}")
    return (name,)


def generate() -> str:
    return secrets.token_urlsafe(39)  # 52 characters, as long as Azure's


def slot(value: str, *, created: datetime, expiry: datetime | None) -> Slot:
    salt = secrets.token_hex(16)
    return Slot(
        salt=salt,
        digest=_digest(salt, value),
        created=created.isoformat(),
        expiry=expiry.isoformat() if expiry else None,
    )


def valid(slots: Iterable[Slot], value: str, *, now: datetime) -> bool:
    return any(_holds(held, value) and not expired(held, now) for held in slots)


def expired(held: Slot, now: datetime) -> bool:
    return held["expiry"] is not None and datetime.fromisoformat(held["expiry"]) <= now


def listed(slots: Mapping[str, Slot]) -> list[dict[str, str]]:
    """As a token shows them: when made and until when, never the value."""
    return [
        {"name": name, "creationTime": held["created"]} | ({"expiry": held["expiry"]} if held["expiry"] else {})
        for name, held in sorted(slots.items())
    ]


def _holds(held: Slot, value: str) -> bool:
    return hmac.compare_digest(held["digest"], _digest(held["salt"], value))


def _digest(salt: str, value: str) -> str:
    # One round is enough: the values are 312 random bits, there is no dictionary to try.
    return hashlib.sha256(f"{salt}\0{value}".encode()).hexdigest()
