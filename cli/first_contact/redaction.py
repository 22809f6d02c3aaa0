"""What a text may not carry out of the house: keys, tokens, signed addresses; ids of a tenant become hashes.

GUIDs are random, so a short hash tells two apart and gives neither away. Those of built-in roles are public, and
stay readable as names.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from cloud.access.roles import NAMES
from cloud.wording import printable

# Azure's own messages also spell one without hyphens
_GUID = re.compile(r"\b[0-9a-f]{8}(-?)(?:[0-9a-f]{4}\1){3}[0-9a-f]{12}\b", re.IGNORECASE)
_MAIL = re.compile(r"\b[\w.+#-]+@[\w-]+(?:\.[\w-]+)+\b")
_TENANT = re.compile(r"\b[\w-]+\.onmicrosoft\.com\b", re.IGNORECASE)
_LONGEST = 4000
"""Of a text, so that no service's answer makes it endless work to look through."""
_RULES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"-----BEGIN [^-]*-----.*?(?:-----END [^-]*-----|\Z)", re.DOTALL), "<pem>"),
    (re.compile(r"\beyJ[\w-]{8,}(?:\.[\w-]*){0,2}"), "<token>"),
    (re.compile(r"(?i)\b(bearer|basic|sharedaccesssignature)\s+[^\s\"',]+"), r"\1 <token>"),
    # what is signed lies behind the question mark; such addresses are kilobytes long
    (re.compile(r"(https?://[^\s\"'?]+)\?[^\s\"']*"), r"\1?<query>"),
    # as JSON, as Python writes a mapping, in a connection string, and as a difference is told (`keys[0].key is '...'`)
    (
        re.compile(
            r"(?i)(?<![\w-])([\w-]*(?:key|secret|sig|signature|token|pwd|password)s?\d?(?:\[\d+\](?:\.value)?)?)"
            r"(['\"]?\s*[=:]\s*| is (?=['\"]))(?:'[^']*'?|\"[^\"]*\"?|[^\s;,\"'&}\[{][^\s;,\"'&}]*)"
        ),
        r"\1\2<secret>",
    ),
    (re.compile(r"(?i)(['\"]?\bvalue['\"]?\s*:\s*)(?:'[^']*'?|\"[^\"]*\"?)"), r"\1<secret>"),
    # keys in base64: those of a hub have 44 characters, of a storage account 88
    (re.compile(r"(?<![\w/+-])(?=[A-Za-z0-9/+]*[0-9])(?=[A-Za-z0-9/+]*[A-Z])[A-Za-z0-9/+]{40,}={0,2}"), "<secret>"),
    (_MAIL, lambda found: f"<mail {_hash(found[0])}>"),
    (_TENANT, lambda found: f"<tenant {_hash(found[0])}>"),
    (_GUID, lambda found: _id(str(UUID(found[0])))),
)


def redacted(value: Any) -> Any:
    """A JSON value, or a text, without what must not leave, or what moves the cursor of who reads it."""
    if isinstance(value, str):
        value = value[:_LONGEST]
        for pattern, instead in _RULES:
            value = pattern.sub(instead, value)
        return printable(value)
    if isinstance(value, dict):
        return {key: redacted(item) for key, item in value.items()}
    return [redacted(item) for item in value] if isinstance(value, list | tuple) else value


def _id(guid: str) -> str:
    return NAMES.get(guid) or f"<id {_hash(guid)}>"


def _hash(text: str) -> str:
    return hashlib.sha256(text.lower().encode()).hexdigest()[:8]
