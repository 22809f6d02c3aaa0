"""`mledge:docker:Image`: a container image built from `clone.build_context`, pushed, and known by its digest.

Its tag is the digest of everything that goes into it, so what is built or pushed already is found again: in the
registry by tag, on this machine by label. That is also how a run that died half-way goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from clone import digests
from clone.build_context import SOURCES, BuildContextError, build_context, context_digest
from clone.layout import Clone
from cloud.retrying import with_retries
from contracts.names import LABEL_IMAGE
from infra.provider.artifacts import SOURCE_KEYS, find_artifact
from infra.provider.docker_engine import build, engine, find_image, packed, push
from infra.provider.gone import gone_if_missing
from infra.provider.inputs import Checks, with_defaults
from infra.provider.registry import Registry
from pluginbase.resource import Failure, Gone, OperationContext, Properties, ProviderError, Resource

LABEL_CONTENT = "edgeway.content"
_TAG_LENGTH = 20


class Image(Resource):
    token = "mledge:docker:Image"  # noqa: S105 - a resource type
    replace_on = frozenset({"loginServer", "repository"})

    def __init__(self, clone: Clone | None = None) -> None:
        self._clone = clone or Clone()

    def check(self, ctx: OperationContext, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        news = with_defaults(news, buildArgs={})
        checks = Checks(news)
        checks.only(("loginServer", "repository", "image", "contextDigest", "buildArgs"), ("artifactDigest", "source"))
        checks.one_of("image", tuple(SOURCES))
        checks.text("contextDigest", r"[0-9a-f]{64}", "64 digits of 0-9a-f are wanted")
        checks.text("artifactDigest", r"[0-9a-f]{64}", "64 digits of 0-9a-f are wanted")
        checks.text("repository", r"[a-z0-9]+([._/-][a-z0-9]+)*", "lower-case letters, digits and . _ - / are allowed")
        checks.text("loginServer", r"[A-Za-z0-9.-]+(:\d{1,5})?", "a host name, perhaps with :port, is wanted")
        for name in checks.mapping("buildArgs"):
            if name != "BASE_IMAGE":
                checks.fail(f"buildArgs.{name}", "is not known here; allowed: BASE_IMAGE")
        for name in checks.mapping("source"):
            if name not in SOURCE_KEYS:
                checks.fail(f"source.{name}", f"is not known here; allowed: {', '.join(SOURCE_KEYS)}")
        return news, checks.failures

    def create(self, ctx: OperationContext, inputs: Properties) -> tuple[str, Properties]:
        return f"{inputs['loginServer']}/{inputs['repository']}", self._make(ctx, inputs)

    def update(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> Properties:
        """The image before stays in the registry: devices may run it until the new layer reaches them."""
        return self._make(ctx, news)

    def read(
        self, ctx: OperationContext, id: str, inputs: Properties, state: Properties
    ) -> tuple[str, Properties, Properties]:
        registry = Registry(ctx, inputs["loginServer"])
        if registry.digest(inputs["repository"], state["imageDigest"]) is None:
            raise Gone
        return id, inputs, state

    def delete(self, ctx: OperationContext, id: str, inputs: Properties, state: Properties) -> None:
        with gone_if_missing():
            Registry(ctx, inputs["loginServer"]).delete(inputs["repository"], state["imageDigest"])

    def _make(self, ctx: OperationContext, inputs: Properties) -> Properties:
        content = content_digest(inputs)
        tag = content[:_TAG_LENGTH]
        registry = Registry(ctx, inputs["loginServer"])
        ctx.status(f"looking for {inputs['repository']}:{tag}")
        digest = registry.digest(inputs["repository"], tag)
        if digest is None:
            digest = self._build_and_push(ctx, registry, inputs, content)
        else:
            ctx.log(f"{inputs['repository']}:{tag} is in the registry already: nothing is built")
        place = f"{inputs['loginServer']}/{inputs['repository']}"
        return {**inputs, "imageDigest": digest, "ref": f"{place}@{digest}"}

    def _build_and_push(self, ctx: OperationContext, registry: Registry, inputs: Properties, content: str) -> str:
        place, tag = f"{inputs['loginServer']}/{inputs['repository']}", content[:_TAG_LENGTH]
        with engine() as client:
            image = find_image(client, LABEL_CONTENT, content)
            if image is None:
                labels = {LABEL_IMAGE: inputs["image"], LABEL_CONTENT: content}
                with ExitStack() as stack:
                    context = stack.enter_context(packed(self._context(ctx, inputs)))
                    image = build(ctx, client, context, labels=labels, arguments=inputs["buildArgs"])
            client.tag(image, place, tag=tag)
            return with_retries(
                ctx, f"push of {place}:{tag}", lambda: push(ctx, client, place, tag, registry.docker_auth())
            )

    def _context(self, ctx: OperationContext, inputs: Properties) -> Mapping[str, Path]:
        root, image = self._clone.root, inputs["image"]
        artifact = None
        if inputs.get("artifactDigest"):
            artifact = find_artifact(ctx, self._clone, inputs["artifactDigest"], inputs.get("source") or {})
        try:
            if context_digest(build_context(root, image, None)) != inputs["contextDigest"]:
                raise ProviderError(f"the files of the image {image!r} changed while `up` ran: run it again")
            return build_context(root, image, artifact)
        except BuildContextError as error:
            raise ProviderError(str(error)) from error


def content_digest(inputs: Mapping[str, Any]) -> str:
    return digests.of_image(
        image=inputs["image"],
        context_digest=inputs["contextDigest"],
        artifact_digest=inputs.get("artifactDigest"),
        build_arguments=inputs["buildArgs"],
    )
