"""Builds and pushes through the Docker engine, with progress, and given up as soon as the operation is.

https://docker-py.readthedocs.io/en/stable/api.html
Closing the answer's stream is how a build or push is aborted: the engine notices that nobody listens.
"""

from __future__ import annotations

import io
import os
import re
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import IO, TYPE_CHECKING, Any

from clone.build_context import Context, Entry, content_of, runs
from cloud.errors import ServiceError
from cloud.retrying import DEFAULT_LIMITS, RetryLimits, with_retries
from cloud.wording import one_line
from contracts.names import BASE_IMAGE
from infra.provider.full_disk import room_for, says_full
from infra.provider.progress import Progress, PushedLayers
from pluginbase.resource import Cancelled, OperationContext, ProviderError

if TYPE_CHECKING:
    from docker import APIClient

_TIMEOUT_SECONDS = 900
_SPOOL_BYTES = 32 * 1024 * 1024
_LAST_LINES = 12
_TOLD = "edgeway: "
_MEGABYTES = re.compile(r"add (\d+) MB")
_MOST_MEGABYTES = 500
_UNAUTHORISED = re.compile(r"unauthorized|denied|authentication required", re.IGNORECASE)
_UNREACHED = re.compile(
    r"connection refused|connection reset|i/o timeout|EOF|no such host|TLS handshake|50[0234] |429|toomanyrequests",
    re.IGNORECASE,
)
_NO_BASE = re.compile(
    r"pull access denied|manifest unknown|failed to resolve|lookup .*(docker|mcr)|not found: manifest"
)


@contextmanager
def engine(purpose: str = "Images are built with it") -> Iterator[APIClient]:
    """A client of the engine that DOCKER_HOST names, or of the default socket. `purpose` says what it is needed for."""
    import docker
    from docker.errors import DockerException

    try:
        client = docker.from_env(timeout=_TIMEOUT_SECONDS).api
        client.ping()
    except DockerException as error:
        raise ProviderError(
            f"the Docker engine at {_address()} does not answer ({_brief(error)}). {purpose}: start it, "
            "install one with `make init`, or name another with DOCKER_HOST"
        ) from error
    with closing(client):
        yield client


def engine_answers() -> bool:
    try:
        with engine():
            return True
    except ProviderError:
        return False


def images_with(client: APIClient, label: str, value: str) -> list[str]:
    """The ids of images on this machine that have the label."""
    return [str(one["Id"]) for one in client.images(filters={"label": f"{label}={value}"})]


def have_image(
    ctx: OperationContext,
    client: APIClient,
    ref: str,
    auth: Callable[[], Mapping[str, str]],
    limits: RetryLimits = DEFAULT_LIMITS,
) -> None:
    """Pulls `login/repository@sha256:...` where this machine does not have it."""
    from docker.errors import ImageNotFound

    try:
        client.inspect_image(ref)  # type: ignore[no-untyped-call]
    except ImageNotFound:
        with_retries(ctx, f"pull of {ref}", lambda: _pull(ctx, client, ref, auth()), limits)


def _pull(ctx: OperationContext, client: APIClient, ref: str, auth: Mapping[str, str]) -> None:
    repository, _, digest = ref.partition("@")
    progress = Progress(ctx)

    def answer() -> Iterator[Any]:
        """A call that the engine refuses outright is made under _watched, too."""
        yield from client.pull(repository, tag=digest, stream=True, decode=True, auth_config=dict(auth) or None)

    for entry in _watched(ctx, answer()):
        if "error" in entry:
            raise _transfer_error(f"pull of {ref}", str(entry["error"]))
        progress.tell(f"pulling: {entry.get('status', '')} {entry.get('id', '')}".rstrip())


def build(
    ctx: OperationContext,
    client: APIClient,
    context: IO[bytes],
    *,
    labels: Mapping[str, str],
    arguments: Mapping[str, str],
) -> str:
    """The id of the image built from a tar."""
    stream = client.build(
        fileobj=context,
        custom_context=True,
        rm=True,
        forcerm=True,
        pull=False,
        decode=True,
        labels=dict(labels),
        buildargs=dict(arguments),
    )
    image, last, progress = None, list[str](), Progress(ctx)
    for entry in _watched(ctx, stream):
        if "error" in entry:
            raise _build_error(str(entry["error"]), last, arguments)
        if "aux" in entry and "ID" in entry["aux"]:
            image = str(entry["aux"]["ID"])
        for line in str(entry.get("stream", "")).splitlines():
            if line.startswith(_TOLD):
                _tell_packages(ctx, line.removeprefix(_TOLD))
            if line.strip():
                last.append(line.rstrip())
                del last[:-_LAST_LINES]
                progress.tell(f"building: {one_line(line, 160)}")
    if image is None:
        raise ProviderError("the Docker engine ended the build without an image:\n" + "\n".join(last))
    return image


def _tell_packages(ctx: OperationContext, line: str) -> None:
    """What `images/scoring/install.sh` says of the megabytes that a model's own packages add."""
    size = _MEGABYTES.search(line)
    much = size is not None and int(size[1]) > _MOST_MEGABYTES
    ctx.log(f"{line}: devices pull them too" if much else line, "warning" if much else "info")


def push(ctx: OperationContext, client: APIClient, repository: str, tag: str, auth: Mapping[str, str]) -> str:
    """The digest of the manifest that the registry now has. A refusal is a ServiceError, so that it is tried again."""
    digest = None
    layers, progress = PushedLayers(), Progress(ctx)
    stream = client.push(repository, tag=tag, stream=True, decode=True, auth_config=dict(auth) or None)
    for entry in _watched(ctx, stream):
        if "error" in entry:
            raise _transfer_error(f"push of {repository}", str(entry["error"]))
        if "Digest" in (entry.get("aux") or {}):
            digest = str(entry["aux"]["Digest"])
        if entry.get("id") and entry.get("status"):
            progress.tell(f"pushing: {layers.add(entry)}")
    if digest is None:
        raise ServiceError(f"push of {repository}", 0, "", "the engine ended the push without a digest")
    return digest


@contextmanager
def packed(context: Context) -> Iterator[IO[bytes]]:
    """The context as a tar with neither owners nor times, so that equal files give equal layers."""
    with tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES) as file:
        with room_for("the build context"), tarfile.open(fileobj=file, mode="w") as tar:
            for name, entry in context.items():
                _add(tar, name, entry)
        file.seek(0)
        yield file


def _add(tar: tarfile.TarFile, name: str, source: Entry) -> None:
    content = content_of(source)
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    entry.mode = 0o755 if runs(source) else 0o644
    tar.addfile(entry, io.BytesIO(content))


def _watched(ctx: OperationContext, stream: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """The stream's entries until a Ctrl-C, which closes it. What the engine refuses outright (a context for which it
    has no room, say) is an entry like an error on the way."""
    from docker.errors import APIError

    entries = iter(stream)
    try:
        for entry in entries:
            if ctx.cancelled.is_set():
                raise Cancelled("cancelled")
            yield entry
    except APIError as error:
        yield {"error": str(error.explanation or error)}
    finally:
        close = getattr(entries, "close", None)
        if close is not None:
            close()


def _build_error(text: str, last: list[str], arguments: Mapping[str, str]) -> ProviderError:
    if any(map(says_full, [text, *last])):
        return ProviderError(
            f"no space left on the Docker engine's disk: {text.strip()}. `docker system df` shows what takes it; "
            "`docker image prune` frees what nothing uses"
        )
    step = next((line for line in reversed(last) if line.startswith("Step ")), "")
    if _NO_BASE.search(text) or ": FROM " in step:
        base = arguments.get("BASE_IMAGE", BASE_IMAGE)
        return ProviderError(
            f"the base image {base} is not on this machine and cannot be pulled: {text.strip()}. "
            "`tools/setup/base-image.sh` makes it from Debian's packages"
        )
    return ProviderError(f"the image cannot be built: {text.strip()}\n" + "\n".join(last))


def _transfer_error(what: str, text: str) -> ProviderError | ServiceError:
    if _UNAUTHORISED.search(text):
        return ServiceError(what, 401, "UNAUTHORIZED", text)
    if _UNREACHED.search(text):
        return ServiceError(what, 0, "", text)
    return ProviderError(f"{what}: {text}")


def _address() -> str:
    return os.environ.get("DOCKER_HOST") or "its default socket"


def _brief(error: BaseException) -> str:
    """The system's own words where they lie inside: docker-py wraps them three times."""
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, OSError) and inner.strerror:
            return inner.strerror
        inner = inner.__cause__ or inner.__context__
    return one_line(str(error), 300)
