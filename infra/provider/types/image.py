"""`mledge:docker:Image`: a container image built from `clone.build_context`, pushed, and known by its digest.

Its tag is the digest of everything that goes into it, so what is built or pushed already is found again: in the
registry by tag, on this machine by label. That is also how a run that died half-way goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import field

from clone import digests
from clone.build_context import SOURCES, Context, as_read, build_context, context_digest
from clone.errors import CloneError
from clone.layout import Clone
from clone.training_job import training_lock
from cloud.errors import ServiceError
from cloud.retrying import with_retries
from contracts.card import CardError
from contracts.names import BASE_IMAGE, LABEL_IMAGE, MODEL_NAME, MODEL_NAME_ALLOWED
from infra.provider import marks
from infra.provider.gone import gone_if_missing
from infra.provider.inputs import Inputs, Sha256, one_of, text
from infra.provider.local.recover_artifact import ArtifactSource, artifact_copy
from infra.provider.services.base_image import HOW, base_image, may_be_pushed, require_digest
from infra.provider.services.container_registry import ContainerRegistry
from infra.provider.services.docker_engine import build, engine, images_with, packed, push
from infra.provider.services.one_at_a_time import OneAtATime
from infra.provider.undisturbed import AT_ONCE
from pluginbase.diff import Change
from pluginbase.resource import Failure, Gone, OperationContext, Properties, ProviderError, Resource
from pluginbase.values import has_unknown

if TYPE_CHECKING:
    from docker import APIClient

LABEL_CONTENT = "edgeway.content"
_TAG_LENGTH = 20
_MARK, _NOT_SEEN = "edgeway.mark", "?"
_OF_A_CONTENT = OneAtATime()


class ImageInputs(Inputs, frozen=True):
    login_server: Annotated[str, text(r"[A-Za-z0-9.-]+(:\d{1,5})?", "a host name, perhaps with :port, is wanted")]
    repository: Annotated[
        str, text("[a-z0-9]+([._/-][a-z0-9]+)*", "lower-case letters, digits and . _ - / are allowed")
    ]
    image: Annotated[str, one_of(SOURCES)]
    context_digest: Sha256
    build_args: dict[Literal["BASE_IMAGE"], str] = field(default_factory=dict)
    artifact_digest: Sha256 | None = None
    source: ArtifactSource | None = None
    rows_file: Annotated[str, text("[^/].*", "the path of a file in the clone is wanted")] | None = None
    """Of an image that sends the rows of a file: they are part of the context's digest."""
    model: Annotated[str, text(MODEL_NAME, f"allowed: {MODEL_NAME_ALLOWED}")] | None = None
    """Of an image that trains a model: its lock is part of the context's digest."""

    @property
    def build_arguments(self) -> dict[str, str]:
        return {str(name): value for name, value in self.build_args.items()}

    @property
    def base(self) -> str:
        return self.build_args.get("BASE_IMAGE", BASE_IMAGE)

    @property
    def content_digest(self) -> str:
        return digests.of_image(
            image=self.image,
            context_digest=self.context_digest,
            artifact_digest=self.artifact_digest,
            build_arguments=self.build_arguments,
        )

    @property
    def tag(self) -> str:
        return self.content_digest[:_TAG_LENGTH]

    @property
    def mark_tag(self) -> str:
        """Beside the image, whose digest must not change: a manifest that holds nothing but the mark."""
        return f"{self.tag}.mark"


class Image(Resource):
    token = "mledge:docker:Image"  # noqa: S105 - a resource type
    replace_on = frozenset({"loginServer", "repository"})
    diff_asks_service = True

    def __init__(self, clone: Clone | None = None) -> None:
        self._clone = clone or Clone()

    def check(self, ctx: OperationContext, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        return ImageInputs.check(news)

    def diff(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> list[Change]:
        """Another row may have taken the image over and not have come into the state, or be about to be deleted."""
        found = super().diff(ctx, id, olds, news, state)
        if found or _carried_at_once(ctx, ImageInputs.of(olds)) in (marks.of_row(state), _NOT_SEEN):
            return found
        ctx.log(f"the image in {id} has another mark than this resource's; `up` puts that right", "warning")
        return [Change((marks.OUTPUT,), "update")]

    def preview_update(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> Properties:
        """The mark alone makes no other image: what depends on it stays as it is. An image that is in the registry is
        known: a preview of going back to a model says of places what will change, and no more."""
        if olds == news:
            return {**state, **news}
        told = super().preview_update(ctx, id, olds, news, state)
        return told if has_unknown(news) else {**told, **_there_at_once(ctx, ImageInputs.of(news))}

    def create(self, ctx: OperationContext, inputs: Properties) -> tuple[str, Properties]:
        outputs = {**inputs, **self._make(ctx, ImageInputs.of(inputs), marks.fresh())}
        return f"{inputs['loginServer']}/{inputs['repository']}", outputs

    def update(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> Properties:
        """The image before stays in the registry: devices may run it until the new layer reaches them."""
        return {**news, **self._make(ctx, ImageInputs.of(news), marks.kept(state))}

    def read(
        self, ctx: OperationContext, id: str, inputs: Properties, state: Properties
    ) -> tuple[str, Properties, Properties]:
        registry = ContainerRegistry(ctx, inputs["loginServer"])
        with gone_if_missing():
            if registry.digest(inputs["repository"], state["imageDigest"]) is None:
                raise Gone
        return id, inputs, state

    def delete(self, ctx: OperationContext, id: str, inputs: Properties, state: Properties) -> None:
        given = ImageInputs.of(inputs)
        registry, repository = ContainerRegistry(ctx, given.login_server), given.repository
        with gone_if_missing():
            if _carried(registry, given) != marks.of_row(state):
                return
            with suppress(Gone), gone_if_missing():
                registry.delete(repository, state["imageDigest"])
            marking = registry.digest(repository, given.mark_tag)
            if marking is not None:
                registry.delete(repository, marking)

    def _make(self, ctx: OperationContext, inputs: ImageInputs, mark: str) -> Properties:
        tag = inputs.tag
        require_digest(inputs.base, inputs.login_server)
        registry = ContainerRegistry(ctx, inputs.login_server)
        ctx.status(f"looking for {inputs.repository}:{tag}")
        digest = registry.digest(inputs.repository, tag)
        if digest is None:
            digest = self._build_and_push(ctx, registry, inputs, tag)
        else:
            ctx.log(f"{inputs.repository}:{tag} is in the registry already: nothing is built")
        registry.annotate(inputs.repository, inputs.mark_tag, {_MARK: mark})
        return {**_named(inputs, digest), marks.OUTPUT: mark}

    def _build_and_push(self, ctx: OperationContext, registry: ContainerRegistry, inputs: ImageInputs, tag: str) -> str:
        repository = f"{inputs.login_server}/{inputs.repository}"
        # models of one environment: the second row finds what the first has built, and its layers in the registry
        with _OF_A_CONTENT.of(ctx, inputs.content_digest), engine() as client:
            base = base_image(ctx, client, inputs.base, inputs.login_server)
            image = self._built_before(client, inputs, base) or self._build(ctx, client, inputs, base)
            client.tag(image, repository, tag=tag)
            what = f"push of {repository}:{tag}"
            return with_retries(
                ctx,
                what,
                lambda: push(ctx, client, repository, tag, registry.docker_auth()),
                absent=registry.absence.of,
            )

    def _built_before(self, client: APIClient, inputs: ImageInputs, base: str) -> str | None:
        found = images_with(client, LABEL_CONTENT, inputs.content_digest)
        return next((image for image in found if may_be_pushed(client, image, base, inputs.login_server)), None)

    def _build(self, ctx: OperationContext, client: APIClient, inputs: ImageInputs, base: str) -> str:
        labels = {LABEL_IMAGE: inputs.image, LABEL_CONTENT: inputs.content_digest}
        with self._context(ctx, inputs) as files, packed(files) as context:
            image = build(ctx, client, context, labels=labels, arguments={"BASE_IMAGE": base})
        if not may_be_pushed(client, image, base, inputs.login_server):
            raise ProviderError(
                f"images/{inputs.image}/Dockerfile does not build on {base}, so its image is not pushed to "
                f"{inputs.login_server}: `ARG BASE_IMAGE` and `FROM ${{BASE_IMAGE}}` are wanted. {HOW}"
            )
        return image

    @contextmanager
    def _context(self, ctx: OperationContext, inputs: ImageInputs) -> Iterator[Context]:
        """The code as it was read for its digest, and a copy of the artifact: what is packed was compared."""
        root, image = self._clone.root, inputs.image
        with ExitStack() as stack:
            artifact = None
            if inputs.artifact_digest:
                source = inputs.source or ArtifactSource()
                artifact = stack.enter_context(artifact_copy(ctx, self._clone, inputs.artifact_digest, source))
            try:
                lock = training_lock(root, inputs.model) if inputs.model else None
                code = as_read(build_context(root, image, None, rows=inputs.rows_file, lock=lock))
                if context_digest(code) != inputs.context_digest:
                    raise ProviderError(f"the files of the image {image!r} changed while `up` ran: run it again")
                yield {**build_context(root, image, artifact, rows=inputs.rows_file), **code}
            except (CardError, CloneError) as error:
                raise ProviderError(str(error)) from error


def _named(inputs: ImageInputs, digest: str) -> Properties:
    return {"imageDigest": digest, "ref": f"{inputs.login_server}/{inputs.repository}@{digest}"}


def _there_at_once(ctx: OperationContext, inputs: ImageInputs) -> Properties:
    """Nothing where the registry has no such image, or does not answer at once."""
    try:
        digest = ContainerRegistry(ctx, inputs.login_server, AT_ONCE).digest(inputs.repository, inputs.tag)
    except ServiceError:
        return {}
    return _named(inputs, digest) if digest else {}


def _carried(registry: ContainerRegistry, inputs: ImageInputs) -> str | None:
    """The mark that the image carries in the registry."""
    return (registry.annotations(inputs.repository, inputs.mark_tag) or {}).get(_MARK)


def _carried_at_once(ctx: OperationContext, inputs: ImageInputs) -> str | None:
    """_NOT_SEEN where the registry does not answer at once."""
    try:
        return _carried(ContainerRegistry(ctx, inputs.login_server, AT_ONCE), inputs)
    except ServiceError:
        return _NOT_SEEN
