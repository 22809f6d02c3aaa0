"""Clients and tokens live as long as the process; in tests they belong to one of several stand-ins."""

from __future__ import annotations

from cloud import arm, iot_hub, sign_in


def forget_sessions() -> None:
    for session in (sign_in.credential, arm._pipeline, iot_hub._registry, iot_hub._configurations):
        session.cache_clear()
