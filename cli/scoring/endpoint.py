"""Where a scoring service is, and whether a key may be sent there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from cli.errors import Refused
from cloud.own_ca.loopback import is_loopback


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringEndpoint:
    scheme: str
    host: str
    port: int
    path: str
    address: str | None
    """Where the name is, if the stack knows; DNS does not know the stand-in's names."""
    ca_pem: str | None


def stack_endpoint(scoring: Mapping[str, Any], url: str | None, *, ca_pem: str | None = None) -> ScoringEndpoint:
    """The stack's address and CA are those of its own host; another place (`url`) has its own."""
    own = url is None or urlsplit(url).hostname == urlsplit(scoring["url"]).hostname
    return endpoint_at(
        url or scoring["url"],
        scoring.get("ip") if own else None,
        ca_pem or (scoring.get("caPem") if own else None),
    )


def endpoint_at(url: str, address: str | None, ca_pem: str | None, *, keyed: bool = True) -> ScoringEndpoint:
    """Refuses an address to which a key must not go, where there is one."""
    parts = _parts(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refused(f"scoring URL {url!r} is refused; https://host/path is wanted")
    if keyed and parts.scheme == "http" and not is_loopback(parts.hostname):
        raise Refused(
            f"scoring URL {url!r} is plain HTTP: a key is sent only over https, or over http to this machine itself"
        )
    return ScoringEndpoint(
        scheme=parts.scheme,
        host=parts.hostname,
        port=parts.port or (443 if parts.scheme == "https" else 80),
        path=(parts.path or "/score") + (f"?{parts.query}" if parts.query else ""),
        address=address or None,
        ca_pem=ca_pem,
    )


def _parts(url: str) -> SplitResult:
    """Of an address that can be asked for: what neither a host name nor a request line can hold is refused."""
    try:
        parts = urlsplit(url)
        _ = parts.port
        (parts.hostname or "").encode("idna")
        f"{parts.path}{parts.query}".encode("ascii")
    except ValueError as error:
        raise Refused(f"scoring URL {url!r} is refused ({error}); https://host/path is wanted") from error
    return parts
