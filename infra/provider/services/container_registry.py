"""A container registry's own API: sign-in with an Entra token, and manifests by tag or digest.

https://learn.microsoft.com/rest/api/containerregistry/authentication ; https://distribution.github.io/distribution/spec/api/
The registry's challenge names its token service (`realm`); beside that, `/oauth2/exchange` gives a refresh token for an
Entra token, which docker takes as a password.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from cloud.arm import ARM_SCOPE
from cloud.errors import ServiceError, error_of_body, is_missing
from cloud.operation import Operation
from cloud.retrying import DEFAULT_LIMITS, RetryLimits, with_retries
from cloud.sign_in import credential, tenant_of
from cloud.there import REGISTRY, Absence, ThingGone
from pluginbase.resource import ProviderError

if TYPE_CHECKING:
    import requests

T = TypeVar("T")

# The user name that goes with a refresh token.
TOKEN_USER = "00000000-0000-0000-0000-000000000000"  # noqa: S105
_MANIFESTS = ", ".join(
    (
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    )
)
_OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_EMPTY_TYPE, _EMPTY = "application/vnd.oci.empty.v1+json", b"{}"
_EMPTY_DIGEST = f"sha256:{hashlib.sha256(_EMPTY).hexdigest()}"
_TIMEOUT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Challenge:
    realm: str
    service: str


def scheme(login_server: str) -> str:
    """Docker's own rule: a registry on a loopback address is spoken to without TLS."""
    return "http" if on_this_machine(login_server) else "https"


def on_this_machine(login_server: str) -> bool:
    """By its address, which is a loopback one; Azure's registries have names."""
    host = login_server.rpartition(":")[0] or login_server
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class ContainerRegistry:
    """Calls for one operation on one registry."""

    def __init__(self, operation: Operation, login_server: str, limits: RetryLimits = DEFAULT_LIMITS) -> None:
        self._operation = operation
        self._limits = limits
        self._server = login_server
        self._base = f"{scheme(login_server)}://{login_server}"
        self._challenge: Challenge | None = None
        self.absence = Absence(operation, REGISTRY, login_server)

    def docker_auth(self) -> dict[str, str]:
        """What docker sends as X-Registry-Auth; nothing for a registry that asks for no sign-in."""
        return self._call("sign-in", self._refresh_auth)

    def digest(self, repository: str, reference: str) -> str | None:
        """The digest of a tag (or digest) in the registry, None where it has none; ThingGone where it is gone."""

        def head() -> str:
            response = self._send("HEAD", repository, f"/manifests/{reference}", "pull")
            return str(response.headers["Docker-Content-Digest"])

        try:
            return self._call(f"{repository}:{reference}", head)
        except ServiceError as error:
            if is_missing(error) and not isinstance(error, ThingGone):
                return None
            raise

    def delete(self, repository: str, digest: str) -> None:
        self._call(f"{repository}@{digest}", lambda: self._send("DELETE", repository, f"/manifests/{digest}", "delete"))

    def tag(self, repository: str, digest: str, tag: str) -> None:
        """One more tag of a manifest: the same bytes put again, which keep their digest.

        https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests
        """

        def put() -> None:
            manifest = self._send("GET", repository, f"/manifests/{digest}", "pull")
            headers = {"Content-Type": manifest.headers["Content-Type"]}
            self._send("PUT", repository, f"/manifests/{tag}", "push", manifest.content, headers)

        self._call(f"{repository}:{tag}", put)

    def annotations(self, repository: str, tag: str) -> dict[str, str] | None:
        """Of the manifest under a tag, None where there is none."""

        def get() -> dict[str, str]:
            response = self._send("GET", repository, f"/manifests/{tag}", "pull")
            return dict(response.json().get("annotations") or {})

        try:
            return self._call(f"{repository}:{tag}", get)
        except ServiceError as error:
            if is_missing(error) and not isinstance(error, ThingGone):
                return None
            raise

    def annotate(self, repository: str, tag: str, annotations: Mapping[str, str]) -> None:
        """Puts a manifest without content under a tag, in the place of what was there.

        https://github.com/opencontainers/image-spec/blob/main/manifest.md#guidelines-for-artifact-usage
        """
        empty = {"mediaType": _EMPTY_TYPE, "digest": _EMPTY_DIGEST, "size": len(_EMPTY)}
        manifest = {
            "schemaVersion": 2,
            "mediaType": _OCI_MANIFEST,
            "config": empty,
            "layers": [empty],
            "annotations": dict(annotations),
        }

        def put() -> None:
            begun = self._send("POST", repository, "/blobs/uploads/", "push")
            self._put_blob(repository, begun.headers["Location"])
            headers = {"Content-Type": _OCI_MANIFEST}
            self._send("PUT", repository, f"/manifests/{tag}", "push", json.dumps(manifest).encode(), headers)

        self._call(f"{repository}:{tag}", put)

    def _put_blob(self, repository: str, location: str) -> None:
        """`location` may be a path or a whole address."""
        path = location.partition(f"/v2/{repository}")[2]
        separator = "&" if "?" in path else "?"
        headers = {"Content-Type": "application/octet-stream"}
        self._send("PUT", repository, f"{path}{separator}digest={_EMPTY_DIGEST}", "push", _EMPTY, headers)

    def _call(self, what: str, action: Callable[[], T]) -> T:
        return with_retries(self._operation, f"{what} in {self._server}", action, self._limits, self.absence.of)

    def _refresh_auth(self) -> dict[str, str]:
        challenge = self._asked()
        if challenge is None:
            return {}
        return {"username": TOKEN_USER, "password": self._refresh_token(challenge), "serveraddress": self._server}

    def _asked(self) -> Challenge | None:
        if self._challenge is None:
            response = _request("GET", f"{self._base}/v2/")
            if response.status_code == 200:
                return None
            self._challenge = _challenge(self._server, response)
        return self._challenge

    def _refresh_token(self, challenge: Challenge) -> str:
        entra = credential().get_token(ARM_SCOPE).token
        exchange = re.sub(r"/oauth2/token$", "/oauth2/exchange", challenge.realm)
        form = {
            "grant_type": "access_token",
            "service": challenge.service,
            "tenant": tenant_of(entra),
            "access_token": entra,
        }
        return str(_json(self._server, _request("POST", exchange, data=form))["refresh_token"])

    def _send(
        self,
        method: str,
        repository: str,
        path: str,
        action: str,
        body: bytes | None = None,
        more_headers: Mapping[str, str] | None = None,
    ) -> requests.Response:
        headers = {"Accept": _MANIFESTS, **(more_headers or {})}
        challenge = self._asked()
        if challenge is not None:
            actions = "pull" if action == "pull" else f"pull,{action}"
            form = {
                "grant_type": "refresh_token",
                "service": challenge.service,
                "scope": f"repository:{repository}:{actions}",
                "refresh_token": self._refresh_token(challenge),
            }
            answer = _json(self._server, _request("POST", challenge.realm, data=form))
            headers["Authorization"] = f"Bearer {answer['access_token']}"
        response = _request(method, f"{self._base}/v2/{repository}{path}", headers=headers, data=body)
        _refuse(self._server, response)
        return response


def _request(method: str, url: str, **options: Any) -> requests.Response:
    import requests

    return requests.request(method, url, timeout=_TIMEOUT_SECONDS, allow_redirects=False, **options)


def _challenge(server: str, response: requests.Response) -> Challenge:
    header = response.headers.get("WWW-Authenticate", "")
    fields = dict(re.findall(r'(\w+)="([^"]*)"', header))
    if response.status_code != 401 or "realm" not in fields:
        raise ServiceError(server, response.status_code, "", f"no registry answers there (challenge {header!r})")
    return Challenge(_own(server, fields["realm"]), fields.get("service", server))


def _own(server: str, realm: str) -> str:
    """An Entra token goes there, so it is the registry's own host, as Azure's is, and not in the clear. On this machine
    the registry and its token service are two ports."""
    wanted = f"{scheme(server)}://{server}"
    own = rf"{re.escape(wanted.rpartition(':')[0])}:\d+/.*" if on_this_machine(server) else f"{re.escape(wanted)}/.*"
    if re.fullmatch(own, realm, re.IGNORECASE) is None:
        raise ProviderError(f"the registry {server} names {realm!r} as its token service, allowed is {wanted}/...")
    return realm


def _json(server: str, response: requests.Response) -> Any:
    _refuse(server, response)
    return response.json()


def _refuse(server: str, response: requests.Response) -> None:
    if response.status_code >= 400:
        code, message = error_of_body(response.content)
        wait = response.headers.get("Retry-After", "")
        raise ServiceError(
            server, response.status_code, code, message, retry_after=float(wait) if wait.isdigit() else None
        )
