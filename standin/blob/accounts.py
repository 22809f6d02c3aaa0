"""Storage accounts as other code looks for them: by the name that is their host's first label."""

from __future__ import annotations

from collections.abc import Sequence

from standin.core.arm import Arm, Resource

ACCOUNTS = "Microsoft.Storage/storageAccounts"


class Accounts:
    def __init__(self, arm: Arm) -> None:
        self._arm = arm

    def named(self, name: str) -> Resource | None:
        return next((account for account in self._arm.list(ACCOUNTS) if account.name == name), None)


def keys_of(account: Resource) -> Sequence[str]:
    keys: Sequence[str] = account.private["keys"]
    return keys
