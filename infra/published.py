"""Which processors a published image is for, asked of its registry as a device without credentials would ask.

https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
https://distribution.github.io/distribution/spec/auth/token/
"""

from __future__ import annotations

import hashlib
import http.client
import ipaddress
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from typing import Any

_MANIFESTS = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_HUB, _HUB_HOST = "docker.io", "registry-1.docker.io"
_TIMEOUT_SECONDS = 15
_MOST_BYTES = 4 * 1024 * 1024
"""Of a manifest or a configuration."""


class Unanswered(Exception):
    """The registry does not say, for whatever reason."""


def architectures(reference: str) -> frozenset[str]:
    """As Docker spells them: amd64, arm64, ... `reference` is `registry/repository@sha256:...`. Raises Unanswered."""
    host, _, rest = reference.partition("/")
    repository, _, digest = rest.partition("@")
    registry = _Registry(_HUB_HOST if host == _HUB else host, repository)
    try:
        manifest = registry.document("manifests", digest)
        if manifest.get("mediaType") in _INDEXES or "manifests" in manifest:
            return frozenset(_named(manifest))
        configuration = registry.document("blobs", str(manifest["config"]["digest"]))
        return frozenset([str(configuration["architecture"])])
    except urllib.error.HTTPError as error:
        with error:
            raise Unanswered(f"{host} answers {error.code} to who has no credentials") from error
    except OSError as error:
        raise Unanswered(f"{host} does not answer ({getattr(error, 'reason', error)})") from error
    except (ValueError, KeyError, TypeError, AttributeError, http.client.HTTPException) as error:
        raise Unanswered(f"{host} answers what is no image ({error!r})") from error


def _named(index: Mapping[str, Any]) -> list[str]:
    """Of Linux; what carries no platform is no image."""
    platforms = [one.get("platform") or {} for one in index["manifests"]]
    return [str(one["architecture"]) for one in platforms if one.get("os") == "linux" and "architecture" in one]


class _Registry:
    def __init__(self, host: str, repository: str) -> None:
        self._base = f"{_scheme(host)}://{host}/v2/{repository}"
        self._repository = repository
        self._headers = {"Accept": ", ".join((*_MANIFESTS, *_INDEXES))}

    def document(self, kind: str, digest: str) -> dict[str, Any]:
        """Its bytes are those of its digest, whoever sent them."""
        try:
            content = self._get(f"{self._base}/{kind}/{digest}", self._headers)
        except urllib.error.HTTPError as error:
            challenge = error.headers.get("WWW-Authenticate", "")
            if error.code != 401 or not challenge.lower().startswith("bearer "):
                raise
            error.close()
            self._headers["Authorization"] = f"Bearer {self._token(challenge)}"
            content = self._get(f"{self._base}/{kind}/{digest}", self._headers)
        if f"sha256:{hashlib.sha256(content).hexdigest()}" != digest:
            raise ValueError(f"what it has as {digest} has another digest")
        document = json.loads(content)
        if not isinstance(document, dict):
            raise TypeError("not an object")
        return document

    def _token(self, challenge: str) -> str:
        """One for everybody."""
        fields = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
        realm = fields["realm"]
        if urllib.parse.urlsplit(realm).scheme != "https" and not self._base.startswith("http:"):
            raise ValueError(f"its token service {realm!r} is not asked by https")
        asked = urllib.parse.urlencode(
            {"service": fields.get("service", ""), "scope": f"repository:{self._repository}:pull"}
        )
        answer = json.loads(self._get(f"{realm}?{asked}", {}))
        return str(answer.get("token") or answer["access_token"])

    def _get(self, url: str, headers: Mapping[str, str]) -> bytes:
        request = urllib.request.Request(url)
        for name, value in headers.items():
            # not sent on to where blobs lie
            request.add_unredirected_header(name, value)
        with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:
            content: bytes = answer.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise ValueError(f"more than {_MOST_BYTES} bytes")
        return content


def _scheme(host: str) -> str:
    """Docker's own rule: a registry on a loopback address is spoken to without TLS."""
    try:
        return "http" if ipaddress.ip_address(host.rpartition(":")[0] or host).is_loopback else "https"
    except ValueError:
        return "https"
