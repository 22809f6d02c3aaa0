"""Builds, pushes, pulls and deletes the image that first-contact runs, by the ways that `up` and devices use.

`python -m tools.probe_image`: on stdin {"word": "push" | "pull" | "delete", "loginServer", "repository", ...}; on
stdout the answer, or {"refused": "...", "answered": by a service}. A password comes by stdin only.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from clone.build_context import build_context
from clone.root import ROOT
from cloud.errors import ServiceError
from cloud.retrying import RetryLimits, with_retries
from contracts.names import LABEL_IMAGE
from infra.provider.services.base_image import base_image, may_be_pushed, require_digest
from infra.provider.services.container_registry import ContainerRegistry
from infra.provider.services.docker_engine import build, engine, have_image, packed, push
from pluginbase.resource import OperationContext, ProviderError

IMAGE = "probe"
LABEL_VARIANT = "edgeway.variant"
_LIMITS = RetryLimits(transient_seconds=60.0, unauthorised_seconds=300.0)


def main() -> int:
    given = json.load(sys.stdin)
    words = {"push": pushed, "pull": pulled, "delete": deleted}
    try:
        answer = words[given["word"]](OperationContext(), given)
    except (ProviderError, ServiceError) as error:
        answer = {"refused": str(error), "answered": isinstance(error, ServiceError) and error.status != 0}
    sys.stdout.write(json.dumps(answer))
    return 0


def pushed(ctx: OperationContext, given: Mapping[str, Any]) -> dict[str, Any]:
    """Digest and size in bytes of each variant, which differ by a label."""
    server, repository = given["loginServer"], f"{given['loginServer']}/{given['repository']}"
    require_digest(given["base"], server)
    registry, digests, size = ContainerRegistry(ctx, server, _LIMITS), {}, 0
    with engine("The probe's image is built with it") as client:
        base = base_image(ctx, client, given["base"], server)
        for variant in given["variants"]:
            labels = {LABEL_IMAGE: IMAGE, LABEL_VARIANT: f"{given['run']}-{variant}"}
            with packed(build_context(ROOT, IMAGE, None)) as context:
                image = build(ctx, client, context, labels=labels, arguments={"BASE_IMAGE": base, "VARIANT": variant})
            if not may_be_pushed(client, image, base, server):
                raise ProviderError(f"the probe's image does not begin with {base}")
            client.tag(image, repository, tag=variant)
            digests[variant] = _push(ctx, client, registry, repository, variant)
            size = int(client.inspect_image(image)["Size"])  # type: ignore[no-untyped-call]
            client.remove_image(image, force=True)
    return {"digests": digests, "size": size}


def _push(ctx: OperationContext, client: Any, registry: ContainerRegistry, repository: str, tag: str) -> str:
    def once() -> str:
        return push(ctx, client, repository, tag, registry.docker_auth())

    return with_retries(ctx, f"push of {repository}:{tag}", once, _LIMITS)


def pulled(ctx: OperationContext, given: Mapping[str, Any]) -> dict[str, Any]:
    """By digest with a token's password, as edgeAgent pulls; the image is not kept."""
    reference = f"{given['loginServer']}/{given['repository']}@{given['digest']}"
    auth = {"username": given["username"], "password": given["password"], "serveraddress": given["loginServer"]}
    with engine("The probe's image is pulled with it") as client:
        have_image(ctx, client, reference, lambda: auth, _LIMITS)
        labels = client.inspect_image(reference)["Config"]["Labels"]  # type: ignore[no-untyped-call]
        client.remove_image(reference, force=True)
    return {"variant": str(labels.get(LABEL_VARIANT, "")).rpartition("-")[2]}


def deleted(ctx: OperationContext, given: Mapping[str, Any]) -> dict[str, Any]:
    """Whether the digest is gone."""
    registry = ContainerRegistry(ctx, given["loginServer"], _LIMITS)
    registry.delete(given["repository"], given["digest"])
    return {"gone": registry.digest(given["repository"], given["digest"]) is None}


if __name__ == "__main__":
    sys.exit(main())
