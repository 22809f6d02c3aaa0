"""A picture that a caller names by its URL, fetched so that nobody reaches through us what he may not reach himself.

Off unless hosts are allowed. HTTPS alone, by names of a list; each address of a name must be public, and the one that
was looked at is the one that is asked, so that a name cannot change in between; no redirects; little, and soon.
It travels in the artifacts of models that see.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from msgspec import ValidationError

MOST_BYTES = 4 * 1024 * 1024
SECONDS, SHARE = 5.0, 0.75
"""For all of a fetch; and of the time that the server has for an answer, where that is shorter."""
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(\.{_LABEL})+")
_GLOBAL = ipaddress.IPv6Network("2000::/3")
"""All that is given out of IPv6 for one host: https://www.iana.org/assignments/ipv6-address-space"""
_CLOSED = tuple(
    ipaddress.ip_network(text)
    for text in (
        "168.63.129.16",  # of Azure's platform, from within its machines: https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
        "192.0.0.0/24",  # for protocols: https://www.iana.org/assignments/iana-ipv4-special-registry
        "192.88.99.0/24", "2002::/16",  # ways from IPv6 to IPv4: https://www.rfc-editor.org/rfc/rfc7526, rfc3056
        "3fff::/20",  # of examples: https://www.rfc-editor.org/rfc/rfc9637
    )
)  # fmt: skip
"""What Python's `is_global`, older than some of it, takes for public."""

Resolve = Callable[[str, int], Sequence[str]]
Connect = Callable[[str, int, float], socket.socket]


def allowed_hosts(text: str) -> tuple[str, ...]:
    """Of names separated by commas; raises ValueError."""
    hosts = tuple(one.strip().lower() for one in text.split(",") if one.strip())
    for host in hosts:
        if not _HOST.fullmatch(host) or _is_address(host):
            raise ValueError(f"{host!r} is no name of a host; allowed are names as in pictures.example.com")
    return hosts


def patience(timeout_ms: str) -> float:
    """Seconds for a fetch where the server ends an answer after so many milliseconds (`SCORING_TIMEOUT_MS`; empty: it
    does not say), so that who asked hears of the slow host, and the rest is left to look. Raises ValueError."""
    if not (text := timeout_ms.strip()):
        return SECONDS
    if not text.isascii() or not text.isdigit():
        raise ValueError(f"SCORING_TIMEOUT_MS is {text!r}, allowed is a whole number")
    return min(SECONDS, int(text) / 1e3 * SHARE)


def fetched(
    url: str,
    hosts: Sequence[str],
    *,
    seconds: float = SECONDS,
    resolve: Resolve | None = None,
    connect: Connect | None = None,
    context: ssl.SSLContext | None = None,
) -> bytes:
    """Raises ValidationError, which the server answers as a 400."""
    host, port, target = _parts(url, hosts)
    until = monotonic() + seconds
    try:
        address = _public(host, _within(until, lambda: (resolve or _resolved)(host, port)))
        sock = (connect or _connected)(address, port, until - monotonic())
        with _secured(sock, host, until, context) as secured:
            return _asked(secured, host, target)
    except TimeoutError:
        raise _refused(f"{host} did not answer within {seconds:g} s") from None
    except ValidationError:
        raise
    except (OSError, http.client.HTTPException, ValueError) as error:  # the last: a chunk of -5 bytes, or a bad name
        raise _refused(f"{host} could not be asked: {error}") from error


def _parts(url: str, hosts: Sequence[str]) -> tuple[str, int, str]:
    if not hosts:
        raise _refused("pictures by URL are off here; send the picture itself")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), 443 if parts.port is None else parts.port
    except ValueError as error:
        raise _refused(f"no URL: {error}") from error
    if parts.scheme != "https" or parts.username is not None or parts.password is not None or port != 443:
        raise _refused("Expected a URL as https://host/path, without a user, at port 443")
    if host not in hosts:
        raise _refused(f"host {host!r} is not allowed here, allowed are {', '.join(hosts)}")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not target.isascii() or any(ord(one) <= 32 or ord(one) == 127 for one in target):
        raise _refused("Expected a path of printable ASCII, other letters as %XX")
    return host, port, target


def _public(host: str, addresses: Sequence[str]) -> str:
    """The first; all must be, as who chooses among them is not to be trusted."""
    for text in addresses:
        if not _is_public(ipaddress.ip_address(text.partition("%")[0])):
            raise _refused(f"{host} is at an address that is not public")
    if not addresses:
        raise _refused(f"{host} has no address")
    return addresses[0]


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and address not in _GLOBAL:
        return False
    if any(address in network for network in _CLOSED):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _asked(secured: ssl.SSLSocket, host: str, target: str) -> bytes:
    connection = http.client.HTTPSConnection(host)
    connection.sock = secured
    connection.request("GET", target, headers={"Accept": "image/*", "User-Agent": "edgeway", "Connection": "close"})
    response = connection.getresponse()
    if response.status != 200:
        raise _refused(f"{host} answered {response.status}; wanted is 200, and redirects are not followed")
    kind = response.headers.get_content_type()
    if not kind.startswith("image/"):
        raise _refused(f"{host} sent {kind}; wanted is a picture")
    length = response.length
    if length is not None and length > MOST_BYTES:
        raise _refused(f"the picture has {length} bytes, allowed are {MOST_BYTES}")
    content = response.read(MOST_BYTES + 1)
    if length is not None and len(content) < length:
        raise _refused(f"{host} ended after {len(content)} of {length} bytes")
    if len(content) > MOST_BYTES:
        raise _refused(f"the picture has more than {MOST_BYTES} bytes")
    return content


def _secured(sock: socket.socket, host: str, until: float, context: ssl.SSLContext | None) -> _Until:
    sock.settimeout(max(0.001, until - monotonic()))
    context = context or ssl.create_default_context()
    context.sslsocket_class = _Until
    try:
        secured = context.wrap_socket(sock, server_hostname=host)
    except BaseException:
        sock.close()
        raise
    assert isinstance(secured, _Until)
    secured.until = until
    return secured


class _Until(ssl.SSLSocket):
    """All is read and sent before one moment: who takes or sends a byte a second would else hold us as long as he
    likes."""

    until = 0.0

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self._limit()
        return super().recv_into(*args, **kwargs)

    def send(self, *args: Any, **kwargs: Any) -> int:
        self._limit()
        return super().send(*args, **kwargs)

    def _limit(self) -> None:
        if (left := self.until - monotonic()) <= 0:
            raise TimeoutError
        self.settimeout(left)


def _resolved(host: str, port: int) -> Sequence[str]:
    return [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _connected(address: str, port: int, seconds: float) -> socket.socket:
    return socket.create_connection((address, port), timeout=max(0.001, seconds))


def _within(until: float, ask: Callable[[], Sequence[str]]) -> Sequence[str]:
    """Names are looked up without a limit of their own, so that is done beside."""
    found: list[Sequence[str] | Exception] = []

    def look_up() -> None:
        try:
            found.append(ask())
        except Exception as error:  # a name that no encoding takes is no OSError
            found.append(error)

    beside = threading.Thread(target=look_up, daemon=True)
    beside.start()
    beside.join(max(0.0, until - monotonic()))
    if not found:
        raise TimeoutError
    if isinstance(found[0], Exception):
        raise found[0]
    return found[0]


def _is_address(text: str) -> bool:
    return text.rpartition(".")[2].isdigit()


def _refused(why: str) -> ValidationError:
    return ValidationError(f"{why} - at `$.url`")
