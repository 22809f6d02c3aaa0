"""Bad requests over the scoring service's real HTTPS, with the CA and the key of the stack's outputs."""

from __future__ import annotations

import copy
import gzip
import http.client
import json
import socket
import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.docs.refusals import SCORING

GOOD: Mapping[str, Any] = {
    "machine": {"temperature": 105.5, "pressure": 10.6},
    "ambient": {"temperature": 20.6, "humidity": 26},
}
FIVE_MB = b'{"machine": "' + b"x" * 5 * 1024 * 1024 + b'"}'
Body = bytes | Iterable[bytes] | None


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes

    def told(self) -> str:
        """`400 BadRequest: what ($.path)`"""
        error = json.loads(self.body)["error"]
        where = f" ({error['path']})" if "path" in error else ""
        return f"{self.status} {error['code']}: {error['message']}{where}"


@dataclass(frozen=True)
class Scoring:
    host: str
    address: str
    ca_pem: str
    key: str = field(repr=False)  # a failed test shows what its functions were given

    @classmethod
    def of(cls, outputs: Mapping[str, Any], model: str) -> Scoring:
        service = outputs["scoring"][model]
        host = urlsplit(service["url"]).hostname or ""
        return cls(host, service["ip"], service["caPem"], outputs["scoringKeys"][model])

    @staticmethod
    def good() -> bytes:
        return json.dumps(GOOD).encode()

    def score(self, body: bytes) -> int:
        return self.ask(body).status

    def ask(
        self,
        body: Body,
        *,
        key: str | None = "",
        method: str = "POST",
        path: str = "/score",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """`key` "" is the stack's, None is none."""
        connection = http.client.HTTPConnection(self.host, 443, timeout=60)
        with socket.create_connection((self.address, 443), 60) as plain:
            context = ssl.create_default_context(cadata=self.ca_pem)
            connection.sock = context.wrap_socket(plain, server_hostname=self.host)
            given = {} if key is None else {"Authorization": f"Bearer {key or self.key}"}
            connection.request(method, path, body, {**given, **(headers or {})})
            response = connection.getresponse()
            answer = Answer(response.status, response.read())
            connection.close()
        return answer

    def check_page(self) -> None:
        for case, request in REQUESTS.items():
            SCORING.check(case, request(self).told())


def spoilt(part: str, field: str, *value: Any) -> dict[str, Any]:
    """A good row with one field changed, or left out where no value is given."""
    row = copy.deepcopy(dict(GOOD))
    del row[part][field]
    if value:
        row[part][field] = value[0]
    return row


def row(*place: Any) -> Callable[[Scoring], Answer]:
    return lambda scoring: scoring.ask(json.dumps(spoilt(*place)).encode())


REQUESTS: Mapping[str, Callable[[Scoring], Answer]] = {
    "no JSON": lambda scoring: scoring.ask(b"machine: 21"),
    "cut": lambda scoring: scoring.ask(b'{"machine": {"temperature": 21,'),
    "empty": lambda scoring: scoring.ask(b""),
    "field": row("machine", "pressure"),
    "type": row("machine", "temperature", "hot"),
    "null": row("machine", "temperature", None),
    "range": row("machine", "temperature", 1e300),
    "row": lambda scoring: scoring.ask(json.dumps([GOOD, spoilt("ambient", "humidity", "wet")]).encode()),
    "large": lambda scoring: scoring.ask(FIVE_MB),
    "large, unannounced": lambda scoring: scoring.ask(iter([FIVE_MB])),
    "wrong key": lambda scoring: scoring.ask(scoring.good(), key="another-key"),
    "no key": lambda scoring: scoring.ask(scoring.good(), key=None),
    "large, packed": lambda scoring: scoring.ask(gzip.compress(FIVE_MB), headers={"Content-Encoding": "gzip"}),
    "method": lambda scoring: scoring.ask(scoring.good(), method="PUT"),
    "path": lambda scoring: scoring.ask(None, method="GET", path="/nowhere"),
    "encoding": lambda scoring: scoring.ask(scoring.good(), headers={"Content-Encoding": "br"}),
}
