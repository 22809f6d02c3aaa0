"""What a job has logged, and why it failed: asked of the workspace's run history, which is no part of ARM.

It is what azure-ai-ml asks for `jobs.stream`. ARM names an address of the region (`discoveryUrl`), that names the
history's, and a run's details name its log files by addresses that carry their own signature: those are read without
a token.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cloud.arm import ARM_SCOPE, Arm
from cloud.errors import ServiceError, error_of_body
from cloud.operation import Operation
from cloud.retrying import RetryLimits, with_retries
from cloud.sessions import once_per_process
from cloud.sign_in import credential

if TYPE_CHECKING:
    from azure.core.rest import HttpResponse

_WORKSPACE_VERSION = "2024-10-01"
_OF_AZURE_ML = re.compile(r"https://([a-z0-9-]+\.)+azureml\.(ms|net)(:443)?(/.*)?", re.IGNORECASE)
_STANDARD_LOG = "user_logs/std_log.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDetails:
    logs: Mapping[str, str]
    """Address by name, `user_logs/std_log.txt` for instance."""
    error: str
    """Why it failed, as Azure ML says it; empty where it does not."""

    @property
    def standard_log(self) -> str | None:
        """What the program printed; None before there is any."""
        own = sorted(name for name in self.logs if name.startswith("user_logs/"))
        name = _STANDARD_LOG if _STANDARD_LOG in self.logs else next(iter(own), None)
        return None if name is None else self.logs[name]


class RunHistory:
    """Of one workspace and one operation."""

    def __init__(self, operation: Operation, workspace_id: str, limits: RetryLimits) -> None:
        self._operation = operation
        self._id = workspace_id
        self._limits = limits
        self._address: str | None = None

    def details(self, job: str) -> RunDetails:
        url = f"{self._found()}/history/v1.0{self._id}/runs/{job}/details?api-version=v1.0"
        body = self._document(f"the run history of {job}", url)
        error = (body.get("error") or {}).get("error") or {}
        code, message = str(error.get("code") or ""), str(error.get("message") or "")
        return RunDetails(logs=dict(body.get("logFiles") or {}), error=message or code)

    def log(self, url: str, begin: int = 0) -> bytes:
        """What stands in a log file from this byte on."""

        def get() -> bytes:
            headers = {"Range": f"bytes={begin}-"} if begin else {}
            response = _send("a log file", _plain(), url, headers, allowed=(416,))
            if response.status_code == 416:  # there is no more than that yet
                return b""
            content = bytes(response.read())
            return content if response.status_code == 206 else content[begin:]

        return with_retries(self._operation, "a log file", get, self._limits)

    def _found(self) -> str:
        if self._address is None:
            workspace = Arm(self._operation, self._limits).get(self._id, _WORKSPACE_VERSION).body or {}
            url = str((workspace.get("properties") or {}).get("discoveryUrl") or "")
            named = self._document("the addresses of the workspace", url)
            self._address = str(named.get("history") or "").rstrip("/")
        return self._address

    def _document(self, what: str, url: str) -> Mapping[str, Any]:
        if _OF_AZURE_ML.fullmatch(url) is None:  # it would get the token
            raise ServiceError(what, 200, "", f"it is to be asked at {url!r}, which is no address of azureml.ms")

        def get() -> Mapping[str, Any]:
            text = _send(what, _signed_in(), url, {}).text()
            try:
                body = json.loads(text)
            except (ValueError, RecursionError) as error:
                raise ServiceError(what, 200, "", "it answered no JSON") from error
            return body if isinstance(body, Mapping) else {}

        return with_retries(self._operation, what, get, self._limits)


def _send(what: str, client: Any, url: str, headers: Mapping[str, str], allowed: tuple[int, ...] = ()) -> HttpResponse:
    from azure.core.rest import HttpRequest

    response: HttpResponse = client.send_request(HttpRequest("GET", url, headers=dict(headers)))
    if response.status_code >= 300 and response.status_code not in allowed:
        raise ServiceError(what, response.status_code, *error_of_body(response.text()))
    return response


@once_per_process
def _signed_in() -> Any:
    from azure.core.pipeline.policies import BearerTokenCredentialPolicy

    return _client(BearerTokenCredentialPolicy(credential(), ARM_SCOPE))


@once_per_process
def _plain() -> Any:
    return _client()


def _client(*policies: Any) -> Any:
    from azure.core import PipelineClient
    from azure.core.pipeline.policies import HeadersPolicy, RetryPolicy, UserAgentPolicy

    retrying = RetryPolicy(retry_total=1, retry_status=0)  # the longer repetition is `with_retries`
    return PipelineClient("", policies=[HeadersPolicy(), UserAgentPolicy("edgeway"), retrying, *policies])
