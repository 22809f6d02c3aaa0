"""`edgeway invoke`: scores a file (or what comes in) at the stack's scoring service.

The service serves HTTPS with a certificate of the stack's own CA, which comes with the outputs. The key comes from the
stack's outputs too, and goes nowhere but over verified TLS, or to this machine itself.
"""

from __future__ import annotations

import argparse
import http.client
import ipaddress
import json
import socket
import ssl
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cli.arguments import Commands, add_stack, seconds
from cli.errors import Failed, Refused, Unreached
from cli.stack.outputs import outputs

_MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    scheme: str
    host: str
    port: int
    path: str
    address: str | None
    """Where the name is, if the stack knows; DNS does not know the stand-in's names."""
    ca_pem: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


def add(commands: Commands) -> None:
    command = commands.add_parser(
        "invoke",
        help="score a JSON file with the deployed model",
        description="Sends FILE (- or nothing: standard input) to POST /score of the stack's scoring service.",
    )
    add_stack(command)
    command.add_argument("file", nargs="?", default="-", metavar="FILE", help="a JSON body; - is standard input")
    command.add_argument("--model", metavar="NAME", help="which model, where the stack serves several")
    command.add_argument("--url", help="another address of the service (the stack's key is sent there)")
    command.add_argument("--timeout", type=seconds, default=30.0, metavar="S")
    command.add_argument("--json", action="store_true", help="print the answer's body alone")
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    body = _read(arguments.file)
    if arguments.url:
        endpoint_of(arguments.url, None, None)  # a bad address is refused before anything is asked
    stack = outputs(arguments.stack, secrets=True)
    model = stack.model(arguments.model)
    scoring = stack["scoring"][model]
    endpoint = stack_endpoint(scoring, arguments.url)
    begin = time.perf_counter()
    answer = score(endpoint, str(stack["scoringKeys"][model]), body, arguments.timeout)
    took = (time.perf_counter() - begin) * 1000
    if answer.status != 200:
        raise Failed(f"{model} at {endpoint.host} answered {answer.status}: {reason(answer.body)}")
    text = answer.body.decode("utf-8", errors="replace")
    print(text if arguments.json else _pretty(text))
    if not arguments.json:
        print(f"{model} {scoring.get('version', '')} at {endpoint.host}: {took:.0f} ms", file=sys.stderr)
    return 0


def stack_endpoint(scoring: Mapping[str, Any], url: str | None, *, ca_pem: str | None = None) -> Endpoint:
    """The stack's address and CA are those of its own host; another place (`url`) has its own."""
    own = url is None or urlsplit(url).hostname == urlsplit(scoring["url"]).hostname
    return endpoint_of(
        url or scoring["url"],
        scoring.get("ip") if own else None,
        ca_pem or (scoring.get("caPem") if own else None),
    )


def endpoint_of(url: str, address: str | None, ca_pem: str | None, *, keyed: bool = True) -> Endpoint:
    """Refuses an address to which a key must not go, where there is one."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refused(f"scoring URL {url!r} is refused; https://host/path is wanted")
    if keyed and parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise Refused(
            f"scoring URL {url!r} is plain HTTP: a key is sent only over https, or over http to this machine itself"
        )
    return Endpoint(
        scheme=parts.scheme,
        host=parts.hostname,
        port=parts.port or (443 if parts.scheme == "https" else 80),
        path=(parts.path or "/score") + (f"?{parts.query}" if parts.query else ""),
        address=address or None,
        ca_pem=ca_pem,
    )


def score(endpoint: Endpoint, key: str | None, body: bytes, timeout: float) -> Answer:
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    connection = _Connection(endpoint, timeout)
    try:
        connection.request("POST", endpoint.path, body=body, headers=headers)
        response = connection.getresponse()
        return Answer(response.status, dict(response.headers), response.read())
    except ssl.SSLCertVerificationError as error:
        raise Failed(
            f"{endpoint.host} has no certificate of the stack's CA ({error.verify_message}): no key was sent"
        ) from error
    except (OSError, http.client.HTTPException) as error:
        raise Unreached(f"{endpoint.host}:{endpoint.port} does not answer: {error}") from error
    finally:
        connection.close()


class _Connection(http.client.HTTPConnection):
    """Connects to the address that the stack knows, and checks the certificate for the name all the same."""

    def __init__(self, endpoint: Endpoint, timeout: float) -> None:
        super().__init__(endpoint.host, endpoint.port, timeout=timeout)
        self._endpoint = endpoint

    def connect(self) -> None:
        endpoint = self._endpoint
        target = endpoint.address if endpoint.address and _prefers_address(endpoint) else endpoint.host
        self.sock = socket.create_connection((target, endpoint.port), self.timeout)
        if endpoint.scheme == "https":
            context = ssl.create_default_context(cadata=endpoint.ca_pem)
            self.sock = context.wrap_socket(self.sock, server_hostname=endpoint.host)


def _prefers_address(endpoint: Endpoint) -> bool:
    """A loopback address is the stand-in's, whatever DNS says of the name; else the name is asked first."""
    if _is_loopback(endpoint.address or ""):
        return True
    try:
        socket.getaddrinfo(endpoint.host, endpoint.port)
    except OSError:
        return True
    return False


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _read(name: str) -> bytes:
    try:
        body = sys.stdin.buffer.read(_MAX_BYTES + 1) if name == "-" else _file(Path(name))
    except OSError as error:
        raise Refused(f"file {name!r} cannot be read: {error.strerror}") from error
    if len(body) > _MAX_BYTES:
        raise Refused(f"file {name!r} is larger than {_MAX_BYTES} bytes")
    return body


def _file(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MAX_BYTES + 1)


def reason(body: bytes) -> str:
    try:
        error: Any = json.loads(body)["error"]
        where = f" ({error['path']})" if error.get("path") else ""
        return f"{error['code']}: {error['message']}{where}"
    except (ValueError, KeyError, TypeError):
        return " ".join(body.decode("utf-8", errors="replace").split())[:300]


def _pretty(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text
