"""User-assigned managed identities: they only remember, with the ids that clients read back."""

from __future__ import annotations

from standin.core.part import Part
from standin.managedidentity.kinds import UserAssignedIdentity

__all__ = ["part"]


def part() -> Part:
    return Part(name="managedidentity", kinds=(UserAssignedIdentity(),))
