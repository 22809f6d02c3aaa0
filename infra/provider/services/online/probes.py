"""Golden requests to one deployment of an endpoint, whatever share of the traffic it has.

The header `azureml-model-deployment` names it: https://learn.microsoft.com/azure/machine-learning/how-to-safely-rollout-online-endpoints
A wrong answer is one too many. Of answers that fail one in a hundred may: a connection is cut between here and there.
"""

from __future__ import annotations

import http.client
import json
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any
from urllib.parse import urlsplit

from cloud.azureml.online_endpoint import CHOICE
from cloud.operation import Operation
from cloud.own_ca.connection import Connection
from cloud.wording import counted, one_line
from contracts.card import Golden
from pluginbase.resource import ProviderError

_ANSWER_SECONDS = 310.0
"""The endpoint itself gives up after 180, in Kubernetes after 300."""
_FIRST_SECONDS = 120.0
"""Until the endpoint's own router knows a deployment that ARM calls made."""
_PAUSE_SECONDS = 1.0
_MOST_FAILED = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    url: str
    """Of `POST /score`."""
    key: str
    deployment: str
    address: str | None = None
    """Where the URL's host is, if no name server may know it."""
    ca_pem: str | None = None
    """None: the CAs that this machine trusts."""


def probe(
    operation: Operation, target: Target, golden: Sequence[Golden], count: int, over_seconds: float, what: str
) -> None:
    """`count` requests, spread over the time. `what` names the deployment to the user; ProviderError with the first
    answer that is none."""
    if not golden:
        operation.wait(over_seconds)
        return
    failed: list[str] = []
    began = time.monotonic()
    with closing(_Asker(target)) as asker:
        _wait_for_an_answer(operation, asker, golden[0], what)
        for index, example in enumerate(islice(cycle(golden), count)):
            failed += asker.problems(example, what)
            if len(failed) > count * _MOST_FAILED:
                raise ProviderError(
                    f"{what} failed {len(failed)} of {counted(index + 1, 'golden request')}: {failed[0]}"
                )
            operation.status(f"{what}: {index + 1} of {counted(count, 'golden request')}")
            if (early := began + over_seconds * (index + 1) / count - time.monotonic()) > 0:
                operation.wait(early)


class _Asker:
    def __init__(self, target: Target) -> None:
        parts = urlsplit(target.url)
        tls = parts.scheme == "https"
        self._path = parts.path or "/score"
        self._headers = {"Authorization": f"Bearer {target.key}", CHOICE: target.deployment}
        self._connection = Connection(
            parts.hostname or "",
            parts.port or (443 if tls else 80),
            address=target.address,
            tls=tls,
            ca_pem=target.ca_pem,
            timeout=_ANSWER_SECONDS,
        )

    def ask(self, example: Golden) -> tuple[int, bytes]:
        """The status is 0 where no answer came, which is told instead."""
        body = example.request
        try:
            headers = {**self._headers, "Content-Type": body.media_type}
            self._connection.request("POST", self._path, body=body.content, headers=headers)
            response = self._connection.getresponse()
            return response.status, response.read()
        except ssl.SSLCertVerificationError as error:
            raise ProviderError(f"{self._connection.host}: {error.verify_message}: no key was sent") from error
        except (OSError, http.client.HTTPException) as error:
            self.close()
            return 0, f"no answer ({error})".encode()

    def problems(self, example: Golden, what: str) -> Iterator[str]:
        """What failed; ProviderError where an answer is a wrong one."""
        status, body = self.ask(example)
        if status != 200:
            yield _told(status, body)
            return
        differs = example.difference(_read(body))
        if differs is not None:
            raise ProviderError(
                f"{what} answers golden example {example.name!r} otherwise at {differs.path}: expected "
                f"{_shown(differs.expected)}, got {_shown(differs.got)}"
            )

    def close(self) -> None:
        self._connection.close()


def _wait_for_an_answer(operation: Operation, asker: _Asker, example: Golden, what: str) -> None:
    began = time.monotonic()
    while (answer := asker.ask(example))[0] in (0, 404, 429, 502, 503, 504):
        if time.monotonic() - began > _FIRST_SECONDS:
            raise ProviderError(f"{what} gave no answer within {_FIRST_SECONDS:g} s: {_told(*answer)}")
        operation.status(f"{what}: {_told(*answer)}")
        operation.wait(_PAUSE_SECONDS)


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body.decode(errors="replace")


def _told(status: int, body: bytes) -> str:
    text = one_line(body.decode(errors="replace"), 200)
    return f"{status}: {text}" if status else text


def _shown(value: Any) -> str:
    return one_line(json.dumps(value, ensure_ascii=False), 200)
