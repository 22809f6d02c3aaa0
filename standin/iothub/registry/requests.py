"""The body of a PUT of an identity, checked.

https://learn.microsoft.com/rest/api/iothub/service/devices/create-or-update-identity
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from standin.iothub.kernel.errors import BadRequest

# `.` and `..` are no segments of a path: every client takes them out of an address before it asks
_ID = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9\-:.+%_#*?!(),=@;$']{1,128}")
_STATUSES = ("enabled", "disabled")


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRequest:
    """Keys are None where the hub is to make (or keep) them."""

    primary_key: str | None = None
    secondary_key: str | None = None
    status: str = "enabled"
    status_reason: str | None = None
    edge: bool = False
    device_scope: str | None = None
    parent_scopes: tuple[str, ...] = ()
    managed_by: str | None = None


def check_id(name: str, text: str) -> None:
    if _ID.fullmatch(text) is None:
        allowed = "1 to 128 ASCII letters, digits and - : . + % _ # * ? ! ( ) , = @ ; $ ' but not . or .."
        raise BadRequest(f"The {name} {text!r} is not valid, allowed are {allowed}")


def identity_request(body: Mapping[str, Any], *, device: str, module: str | None) -> IdentityRequest:
    """Raises BadRequest naming the field, its value and what is allowed."""
    check_id("deviceId", device)
    if module is not None:
        check_id("moduleId", module)
    for name, expected in (("deviceId", device), ("moduleId", module)):
        if body.get(name) not in (None, expected):
            raise BadRequest(f"{name} is {body[name]!r} in the body and {expected!r} in the address")
    primary, secondary = _keys(_object(body, "authentication"))
    status = body.get("status") or "enabled"
    if status not in _STATUSES:
        raise BadRequest(f"status is {status!r}, allowed are {' and '.join(_STATUSES)}")
    capabilities = _object(body, "capabilities")
    return IdentityRequest(
        primary_key=primary,
        secondary_key=secondary,
        status=status,
        status_reason=_text(body, "statusReason"),
        edge=capabilities.get("iotEdge") is True,
        device_scope=_text(body, "deviceScope") or None,
        parent_scopes=tuple(_texts(body, "parentScopes")),
        managed_by=_text(body, "managedBy") or None,
    )


def _keys(authentication: Mapping[str, Any]) -> tuple[str | None, str | None]:
    kind = authentication.get("type") or "sas"
    if kind != "sas":
        raise BadRequest(f"authentication.type is {kind!r}: this hub is built for sas only")
    keys = _object(authentication, "symmetricKey")
    primary, secondary = _text(keys, "primaryKey") or None, _text(keys, "secondaryKey") or None
    if (primary is None) != (secondary is None):
        raise BadRequest("Of primaryKey and secondaryKey either both are given or neither")
    for name, key in (("primaryKey", primary), ("secondaryKey", secondary)):
        if key is not None:
            _check_key(name, key)
    return primary, secondary


def _check_key(name: str, key: str) -> None:
    # the key itself stays out of the message
    try:
        length = len(base64.b64decode(key, validate=True))
    except ValueError as error:
        raise BadRequest(f"{name} is not base64") from error
    if not 16 <= length <= 64:
        raise BadRequest(f"{name} has {length} bytes, allowed are 16 to 64")


def _object(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise BadRequest(f"{name} is {type(value).__name__}, allowed is an object")
    return value


def _text(body: Mapping[str, Any], name: str) -> str | None:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise BadRequest(f"{name} is {type(value).__name__}, allowed is a string")
    return value


def _texts(body: Mapping[str, Any], name: str) -> list[str]:
    value = body.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadRequest(f"{name} must be a list of strings")
    return value
