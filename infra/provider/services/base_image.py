"""What the images are built on, and that no look-alike of it leaves this machine.

`tools/setup/base-image.sh` makes a look-alike of `python:3.11-slim-bookworm` from Debian's archive where it cannot be
pulled. It holds the certificate authorities of the machine that made it (a company's proxy among them), and carries
the label `edgeway.image=base`. What is built on it goes to a registry on a loopback address, which only the stand-in
has, whatever stack it plays, and to no other: there the base is pulled by digest, and its layers are looked for in the
image before that is pushed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloud.errors import ServiceError
from cloud.retrying import RetryLimits
from contracts.names import BASE_IMAGE, LABEL_IMAGE
from infra.provider.services.container_registry import on_this_machine
from infra.provider.services.docker_engine import have_image
from pluginbase.resource import OperationContext, ProviderError

if TYPE_CHECKING:
    from docker import APIClient

_LOOK_ALIKE = "base"
# A public base asks for no sign-in, so a refusal is no role on its way.
_LIMITS = RetryLimits(unauthorised_seconds=0.0)
HOW = f"`docker buildx imagetools inspect {BASE_IMAGE}` shows the digest; edgeway:baseImage takes it"


def base_image(ctx: OperationContext, client: APIClient, wanted: str, login_server: str) -> str:
    """What a build for this registry stands on: it is on this machine then, but for one that the build itself pulls.

    For a registry on this machine the local BASE_IMAGE stands in for a digest that is not here. Raises ProviderError.
    """
    if on_this_machine(login_server):
        if "@" in wanted and _inspected(client, wanted) is None and _inspected(client, BASE_IMAGE) is not None:
            ctx.log(
                f"the base image {wanted} is not on this machine: {BASE_IMAGE} stands in for it, as {login_server} is "
                "a registry on this machine"
            )
            return BASE_IMAGE
        return wanted
    require_digest(wanted, login_server)
    try:
        have_image(ctx, client, wanted, dict, _LIMITS)
    except (ServiceError, ProviderError) as error:
        raise ProviderError(f"the base image {wanted} cannot be pulled ({_said(error)}). {HOW}") from error
    _refuse_look_alike(client, wanted, login_server)
    return wanted


def require_digest(base: str, login_server: str) -> None:
    """A tag means whatever this machine calls so; an image's content digest must mean the same bytes everywhere."""
    if "@sha256:" not in base and not on_this_machine(login_server):
        raise ProviderError(
            f"the base image {base} has no digest, and {login_server} is not on this machine: what is pushed there is "
            f"built on name@sha256:<64 hex>. {HOW}"
        )


def may_be_pushed(client: APIClient, image: str, base: str, login_server: str) -> bool:
    """Anything to a registry on this machine; to others what begins with the layers of its base."""
    if on_this_machine(login_server):
        return True
    below, layers = _layers(client, base), _layers(client, image)
    return bool(below) and layers[: len(below)] == below


def _refuse_look_alike(client: APIClient, base: str, login_server: str) -> None:
    labels = ((_inspected(client, base) or {}).get("Config") or {}).get("Labels") or {}
    if labels.get(LABEL_IMAGE) == _LOOK_ALIKE:
        raise ProviderError(
            f"the base image {base} is a look-alike that tools/setup/base-image.sh made (label "
            f"{LABEL_IMAGE}={_LOOK_ALIKE}): it holds the certificate authorities of the machine that made it, so "
            f"nothing built on it is pushed to {login_server}. {HOW}"
        )


def _said(error: ServiceError | ProviderError) -> str:
    return (error.message if isinstance(error, ServiceError) else str(error)).strip()


def _layers(client: APIClient, image: str) -> list[str]:
    return list(((_inspected(client, image) or {}).get("RootFS") or {}).get("Layers") or ())


def _inspected(client: APIClient, image: str) -> dict[str, Any] | None:
    from docker.errors import ImageNotFound

    try:
        found: dict[str, Any] = client.inspect_image(image)  # type: ignore[no-untyped-call]
    except ImageNotFound:
        return None
    return found
