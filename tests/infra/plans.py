"""Reads the plans of a dry run."""

from __future__ import annotations

from typing import Any

from dryrun import Plan


def resource(plan: Plan, kind: str, name: str) -> dict[str, Any]:
    (match,) = [
        one for one in plan["resources"] if one["custom"] and one["type"].endswith(f":{kind}") and one["name"] == name
    ]
    result: dict[str, Any] = match
    return result
