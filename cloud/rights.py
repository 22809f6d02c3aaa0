"""What a list of permissions allows, as Azure reads it.

https://learn.microsoft.com/azure/role-based-access-control/role-definitions#actions
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any


def granting(permissions: Sequence[Mapping[str, Any]], action: str) -> list[Mapping[str, Any]]:
    """Those that grant the action: by their `actions`, less their own `notActions`; in any case, `*` for anything."""
    return [
        permission
        for permission in permissions
        if any(_covers(one, action) for one in permission.get("actions") or ())
        and not any(_covers(one, action) for one in permission.get("notActions") or ())
    ]


def _covers(pattern: str, action: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), action, re.IGNORECASE) is not None
