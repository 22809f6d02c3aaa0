"""`POST /score`: over TLS that is verified by the stack's own CA, or plain to this machine itself.

The service serves HTTPS with a certificate of the stack's own CA, which comes with the stack's outputs.
"""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from cli.errors import Failed, Unreached
from cli.scoring.endpoint import ScoringEndpoint
from cloud.azureml.online_endpoint import CHOICE
from cloud.own_ca.connection import Connection
from cloud.wording import one_line
from contracts.card import Body


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Client:
    """Asks over one connection, which stays open as long as both sides keep it."""

    def __init__(
        self, endpoint: ScoringEndpoint, key: str | None, timeout: float, deployment: str | None = None
    ) -> None:
        """`timeout` in seconds, of each step of a request. `deployment`: of an online endpoint, the one to ask."""
        self._endpoint = endpoint
        self._headers = {"Accept": "application/json"}
        if key is not None:
            self._headers["Authorization"] = f"Bearer {key}"
        if deployment is not None:
            self._headers[CHOICE] = deployment
        self._connection = Connection(
            endpoint.host,
            endpoint.port,
            address=endpoint.address,
            tls=endpoint.scheme == "https",
            ca_pem=endpoint.ca_pem,
            timeout=timeout,
        )

    def score(self, body: Body) -> Answer:
        """After a failure the next call connects anew."""
        endpoint = self._endpoint
        try:
            headers = {**self._headers, "Content-Type": body.media_type}
            self._connection.request("POST", endpoint.path, body=body.content, headers=headers)
            response = self._connection.getresponse()
            return Answer(response.status, dict(response.headers), response.read())
        except ssl.SSLCertVerificationError as error:
            self.close()
            raise Failed(
                f"{endpoint.host} has no certificate of the stack's CA ({error.verify_message}): no key was sent"
            ) from error
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Unreached(f"{endpoint.host}:{endpoint.port} does not answer: {error}") from error

    def close(self) -> None:
        self._connection.close()


def score(
    endpoint: ScoringEndpoint, key: str | None, body: Body, timeout: float, deployment: str | None = None
) -> Answer:
    """One request over a connection of its own."""
    with closing(Client(endpoint, key, timeout, deployment)) as client:
        return client.score(body)


def reason(body: bytes) -> str:
    try:
        error: Any = json.loads(body)["error"]
        where = f" ({error['path']})" if error.get("path") else ""
        return f"{error['code']}: {error['message']}{where}"
    except (ValueError, KeyError, TypeError, RecursionError):
        return one_line(body.decode("utf-8", errors="replace"), 300)
