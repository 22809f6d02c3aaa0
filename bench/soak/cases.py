"""Broken requests, each made from a seed: truncated, oversized, pipelined, wrong lengths, bad gzip, deep JSON."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# One more than this is refused by the server's default.
BODY_LIMIT = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Case:
    kind: str
    sent: bytes
    abrupt: bool = False
    """Reset the connection after sending, instead of waiting for what is answered."""
    right_answers: int | None = None
    """How many 200 must come, where the requests are in order; None where nothing is promised."""


class Maker:
    def __init__(self, *, body: bytes, key: str) -> None:
        self._body = body
        self._key = key
        self._kinds: tuple[tuple[str, Callable[[random.Random], bytes | Case]], ...] = (
            ("truncated", self._truncated),
            ("oversized", self._oversized),
            ("pipelined", self._pipelined),
            ("wrong length", self._wrong_length),
            ("gzip", self._gzip),
            ("deep JSON", self._deep),
            ("other values", self._other_values),
            ("flipped bytes", self._flipped),
            ("odd headers", self._odd_headers),
            ("chunked", self._chunked),
            ("method and path", self._method_and_path),
            ("noise", self._noise),
        )

    def make(self, seed: int) -> Case:
        rng = random.Random(seed)
        kind, function = self._kinds[seed % len(self._kinds)]
        made = function(rng)
        return made if isinstance(made, Case) else Case(kind, made, abrupt=rng.random() < 0.1)

    def request(self, body: bytes | None = None, *, head: str = "", length: object = None, target: str = "") -> bytes:
        content = self._body if body is None else body
        lines = [
            target or "POST /score HTTP/1.1",
            "Host: soak",
            f"Authorization: Bearer {self._key}",
            "Content-Type: application/json",
            *([f"Content-Length: {len(content) if length is None else length}"] if length != "" else []),
            *([head] if head else []),
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + content

    def _truncated(self, rng: random.Random) -> bytes:
        whole = self.request()
        return whole[: rng.randrange(1, len(whole))]

    def _oversized(self, rng: random.Random) -> bytes:
        size = BODY_LIMIT + rng.choice((1, 1000, BODY_LIMIT))
        if rng.random() < 0.5:
            return self.request(b"x" * 1000, length=size * rng.choice((1, 2**20)))
        if rng.random() < 0.5:
            return self.request(b'"' + b"x" * size + b'"')
        return self.request(head="X-Filler: " + "x" * rng.randrange(10_000, 200_000))

    def _pipelined(self, rng: random.Random) -> Case:
        count = rng.randrange(2, 20)
        return Case("pipelined", self.request() * count, right_answers=count)

    def _wrong_length(self, rng: random.Random) -> bytes:
        right = len(self._body)
        length = rng.choice((0, 1, right - 1, right + 1, right * 2, -1, "+1", "0x10", "1e3", " ", "9" * 30, "1, 2"))
        extra = rng.choice(("", "Content-Length: 3", "Transfer-Encoding: chunked", "Transfer-Encoding: identity"))
        return self.request(length=length, head=extra)

    def _gzip(self, rng: random.Random) -> bytes:
        packed = gzip.compress(self._body, mtime=0)
        cut = rng.randrange(1, len(packed))
        bodies = (
            *(packed, packed[:cut], packed[:cut] + b"\xff" + packed[cut + 1 :], packed * 2, b"", self._body),
            # small, and far over the limit once it is unpacked
            gzip.compress(b"[" + b"0," * BODY_LIMIT * 4 + b"0]", mtime=0),
        )
        coding = rng.choice(("gzip", "GZIP", "deflate", "br", "gzip, gzip", "identity", "x" * 50))
        return self.request(rng.choice(bodies), head=f"Content-Encoding: {coding}")

    def _deep(self, rng: random.Random) -> bytes:
        depth = rng.choice((10, 100, 1000, 10_000, 200_000))
        opening, closing = rng.choice((("[", "]"), ('{"machine":', "}"), ('{"a":[', "]}")))
        text = opening * depth + "1" + closing * rng.choice((0, depth - 1, depth))
        return self.request(text.encode()[: BODY_LIMIT - 1])

    def _other_values(self, rng: random.Random) -> bytes:
        body: Any = json.loads(self._body)
        part = rng.choice(("machine", "ambient", "timeCreated"))
        odd: tuple[Any, ...] = (
            None,
            True,
            "31",
            [],
            {},
            -0.0,
            1e308,
            1e400,
            -(10**400),
            2**63,
            1e-400,
            "\ud800",
            "\x00",
            [[1]],
            {"": {}},
        )
        if part == "timeCreated" or rng.random() < 0.3:
            body[part] = rng.choice(odd)
        else:
            name = rng.choice((*body[part], "another"))
            body[part][name] = rng.choice(odd)
        document = rng.choice((body, [body] * rng.randrange(0, 50), [body, None], {"data": body}))
        text = json.dumps(document).replace("Infinity", rng.choice(("1e999", "Infinity", "NaN")))
        return self.request(text.encode("utf-8", "surrogatepass"))

    def _flipped(self, rng: random.Random) -> bytes:
        whole = bytearray(self.request())
        for _ in range(rng.randrange(1, 8)):
            whole[rng.randrange(len(whole))] = rng.randrange(256)
        return bytes(whole)

    def _odd_headers(self, rng: random.Random) -> bytes:
        heads = (
            *("x" * 300, ": empty", "Name : space", "A: b\r\n folded", "X: " + "é" * 20, "X: \x00", "X:\x7f\x01"),
            *("\r\n".join(f"X-{index}: y" for index in range(rng.randrange(50, 3000))), "Expect: 100-continue"),
            *("Upgrade: websocket\r\nConnection: Upgrade", "Connection: close", "x-ms-request-id: " + "i" * 101),
            *("x-ms-client-request-id: a\tb", "Accept: application/vnd.azureml.v1+json", "Authorization: Basic x"),
            "Content-Type: multipart/form-data; boundary=",
        )
        return self.request(head=rng.choice(heads))

    def _chunked(self, rng: random.Random) -> bytes:
        size = rng.choice((f"{len(self._body):x}", "0", "-1", "g", "f" * 20, f"{len(self._body) + 5:x}", ""))
        chunk = (
            f"{size}\r\n".encode() + self._body + rng.choice((b"\r\n0\r\n\r\n", b"\r\n", b"", b"\r\n0\r\nX: y\r\n\r\n"))
        )
        return self.request(chunk, length="", head="Transfer-Encoding: chunked")

    def _method_and_path(self, rng: random.Random) -> bytes:
        method = rng.choice(
            ("GET", "PUT", "HEAD", "OPTIONS", "DELETE", "PATCH", "CONNECT", "post", "", "A" * 5000, "\x16\x03")
        )
        path = rng.choice(
            ("/score", "/", "/ready", "/metrics", "/swagger.json", "/%00", "/../", "*", "//", "/" + "p" * 9000)
        )
        version = rng.choice(("HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/9", "", "ICY"))
        return self.request(target=f"{method} {path} {version}")

    def _noise(self, rng: random.Random) -> bytes:
        return rng.randbytes(rng.choice((1, 10, 1000, 70_000)))
