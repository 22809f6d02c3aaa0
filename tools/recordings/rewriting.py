"""A recording in the stand-in's terms: its subscription and tenant, and what it answered where Azure answered else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tools.recordings.cassette import Answer

_SUBSCRIPTION = re.compile(r"(/subscriptions/)[^/?\"'&]+")
_TENANT = re.compile(r'("tenantId"\s*:\s*")[^"]*')
_PRINCIPAL = re.compile(r'("principalId"\s*:\s*")([^"]*)')
_PRINCIPAL_TYPE = re.compile(r'("principalType"\s*:\s*")[^"]*')
_IMAGE = re.compile(r'("image"\s*:\s*")[^"]*')
_GUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_ZEROS = "00000000-0000-0000-0000-000000000000"
_MADE_BY_AZURE = ("etag", "loginServer", "fqdn", "ip", "vaultUri")


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Of the stand-in."""

    subscription: str
    tenant: str
    principal: str
    """Who is meant where a recording names somebody that it did not make."""
    image: str
    """On this machine: recordings name images that cannot be pulled everywhere."""


@dataclass(slots=True)
class Terms:
    home: Home
    _known: dict[str, str] = field(default_factory=dict)

    def learn(self, recorded: Answer, ours: Answer) -> None:
        """Ids, addresses and versions that either side made up, by the place where they stand."""
        if recorded.status < 400 and ours.status < 400:
            self._known.update(_pairs(recorded.body, ours.body, ""))
            if "etag" in recorded.headers and "etag" in ours.headers:
                self._known[recorded.headers["etag"]] = ours.headers["etag"]

    def of_url(self, url: str) -> str:
        return self._replaced(_SUBSCRIPTION.sub(rf"\g<1>{self.home.subscription}", url))

    def of_body(self, text: str) -> str:
        text = self._replaced(_SUBSCRIPTION.sub(rf"\g<1>{self.home.subscription}", text))
        text = _TENANT.sub(rf"\g<1>{self.home.tenant}", text)
        text = _IMAGE.sub(rf"\g<1>{self.home.image}", text)
        named = _PRINCIPAL.search(text)
        if named is None or named[2] in self._known.values():
            return text
        return _PRINCIPAL_TYPE.sub(r"\g<1>ServicePrincipal", _PRINCIPAL.sub(rf"\g<1>{self.home.principal}", text))

    def of_headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        wanted = ("if-match", "if-none-match", "content-type")
        return {name: self._replaced(headers[name]) for name in wanted if name in headers}

    def _replaced(self, text: str) -> str:
        for theirs in sorted(self._known, key=len, reverse=True):
            text = text.replace(theirs, self._known[theirs])
        return text


def _pairs(recorded: Any, ours: Any, key: str) -> Iterator[tuple[str, str]]:
    if isinstance(recorded, Mapping) and isinstance(ours, Mapping):
        for name in recorded.keys() & ours.keys():
            yield from _pairs(recorded[name], ours[name], name)
    elif isinstance(recorded, list) and isinstance(ours, list):
        for theirs, mine in zip(recorded, ours, strict=False):
            yield from _pairs(theirs, mine, key)
    elif isinstance(recorded, str) and isinstance(ours, str) and recorded != ours and len(recorded) > 3 and ours:
        made_up = key in _MADE_BY_AZURE or _GUID.fullmatch(recorded) is not None
        if made_up and recorded != _ZEROS and key not in ("tenantId", "subscriptionId"):
            yield recorded, ours
