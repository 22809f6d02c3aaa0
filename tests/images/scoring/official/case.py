"""An entry script and what is asked of it, and what a server said: the parts of the comparison."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.waiting import DEADLINE_S

Said = dict[str, Any]
USUAL: Said = {
    "status": 200,
    "framing": "length",
    "exec ms": True,
    "content-type": "application/json",
    "x-ms-request-id": "made",
    "x-ms-run-function-failed": "False",
    "x-request-id": "made",
}

# of a connection, of the server, of an error, or of the clock; of the ids the rules are compared
_NOT_COMPARED = ("allow", "date", "server", "connection", "content-length", "transfer-encoding", "x-ms-server-version")
_LONGEST = 400
_MADE = ("x-request-id", "x-ms-request-id")


@dataclass(frozen=True, kw_only=True)
class Asked:
    body: bytes | None = None
    path: str = "/score"
    method: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    chunked: bool = False

    def to_bytes(self) -> bytes:
        method = self.method or ("GET" if self.body is None else "POST")
        lines = [f"{method} {self.path} HTTP/1.1", "Host: scoring.example", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        body = self.body or b""
        if self.chunked:
            lines.append("Transfer-Encoding: chunked")
            body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        elif self.body is not None:
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


@dataclass(frozen=True, kw_only=True)
class Case:
    name: str
    script: str
    asked: Mapping[str, Asked]
    files: Mapping[str, str] = field(default_factory=dict)
    """Beside the script."""
    environment: Mapping[str, str] = field(default_factory=dict)
    process: bool = False
    """Its answers are those of a process of its own: not played to a server within the tests' process."""


def post(body: bytes | str = b"", **headers: str) -> Asked:
    """Headers as keywords, `content_type` for Content-Type."""
    content = body.encode() if isinstance(body, str) else body
    return Asked(body=content, headers=tuple((name.replace("_", "-"), value) for name, value in headers.items()))


def get(path: str = "/score", **headers: str) -> Asked:
    return Asked(path=path, headers=tuple((name.replace("_", "-"), value) for name, value in headers.items()))


def answer_of(port: int, asked: Asked) -> bytes:
    """All that comes until the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S) as connection:
        connection.sendall(asked.to_bytes())
        parts = []
        try:
            while part := connection.recv(65536):
                parts.append(part)
        except ConnectionResetError:
            parts.append(b"")
    return b"".join(parts)


def said(answer: bytes, asked: Asked) -> Said:
    """What is compared. The body only where it is the script's: the words of errors are each server's own."""
    head, separator, rest = answer.partition(b"\r\n\r\n")
    if not separator:
        return {"status": None}
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = [(name.lower(), value) for name, _, value in (line.partition(": ") for line in lines)]
    headers = dict(pairs)
    status = int(first.split(" ")[1])
    body, framing = _body(rest, headers)
    if asked.method == "HEAD":
        framing = "head"
    result: Said = {"status": status, "framing": framing, "exec ms": "x-ms-run-fn-exec-ms" in headers}
    if asked.method != "HEAD":
        result["body"] = _short(body) if status < 400 or result["exec ms"] else None
    for name in sorted(headers.keys() - {*_NOT_COMPARED, "x-ms-run-fn-exec-ms"}):
        values = [value for other, value in pairs if other == name]
        result[name] = "made" if name in _MADE and len(values[0]) > 30 else ", ".join(values)
    return result


def _body(rest: bytes, headers: Mapping[str, str]) -> tuple[str, str]:
    if headers.get("transfer-encoding") == "chunked":
        return _unchunked(rest)
    if "content-length" in headers:
        length = int(headers["content-length"])
        whole = "length" if len(rest) == length else f"length {length - len(rest):+d}"
        return rest.decode("latin-1"), whole
    return rest.decode("latin-1"), "until the end" if rest else "none"


def _short(body: str) -> str:
    if len(body) <= _LONGEST:
        return body
    return f"{body[:100]}... {len(body)} {hashlib.sha256(body.encode('latin-1')).hexdigest()[:12]}"


def _unchunked(rest: bytes) -> tuple[str, str]:
    body = b""
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        count = int(size, 16)
        if count == 0:
            return body.decode("latin-1"), "chunks"
        body, rest = body + rest[:count], rest[count + 2 :]
    return body.decode("latin-1"), "chunks, cut off"
