"""Ids and values that the samples of arguments and the tests share."""

from __future__ import annotations

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"
IDENTITY = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-run"
KEY = "a-very-secret-scoring-key"
TAGS = {"project": "edgeway"}
