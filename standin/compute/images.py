"""Images of the marketplace that somebody here asks for. What boots is always the same.

https://documentation.ubuntu.com/azure/azure-how-to/instances/find-ubuntu-images/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from standin.compute.errors import ImageNotFound, ImageWithoutTrustedLaunch, InvalidParameter
from standin.core.auth import SUBSCRIPTION_ID


@dataclass(frozen=True, slots=True)
class Image:
    publisher: str
    offer: str
    sku: str
    version: str
    """The newest."""
    system: str
    release: str
    generation: str = "V2"
    trusted_launch: bool = True
    disk_gb: int = 30


_IMAGES = (
    Image("Canonical", "ubuntu-24_04-lts", "server", "24.04.202611130", "ubuntu", "24.04"),
    Image("Canonical", "ubuntu-24_04-lts", "server-gen1", "24.04.202611130", "ubuntu", "24.04", "V1", False),
    Image("Canonical", "ubuntu-22_04-lts", "server", "22.04.202611130", "ubuntu", "22.04"),
    Image("Canonical", "0001-com-ubuntu-server-jammy", "22_04-lts-gen2", "22.04.202611130", "ubuntu", "22.04"),
    Image("Canonical", "0001-com-ubuntu-server-jammy", "22_04-lts", "22.04.202611130", "ubuntu", "22.04", "V1", False),
    Image("Debian", "debian-12", "12-gen2", "0.20261112.2294", "debian", "12"),
)
_LATEST = "latest"


def image_of(storage: Mapping[str, Any], *, trusted_launch: bool) -> Image:
    """The image that a storage profile names. Raises Azure's refusals of one that is not there or does not fit."""
    reference = storage.get("imageReference")
    if not isinstance(reference, Mapping):
        raise InvalidParameter("Required parameter 'imageReference' is missing (null).", "imageReference")
    named = [str(reference.get(key)) for key in ("publisher", "offer", "sku", "version")]
    found = known(reference)
    if found is None or not _is_a_version(named[-1]):
        raise ImageNotFound(":".join(named))
    if trusted_launch and not found.trusted_launch:
        raise ImageWithoutTrustedLaunch
    return found


def known(reference: Mapping[str, Any]) -> Image | None:
    wanted = [str(reference.get(key)).lower() for key in ("publisher", "offer", "sku")]
    return next((one for one in _IMAGES if [one.publisher.lower(), one.offer, one.sku] == wanted), None)


def exact_version(reference: Mapping[str, Any], image: Image) -> str:
    said = str(reference.get("version"))
    return image.version if said.lower() == _LATEST else said


def image_id(reference: Mapping[str, Any], location: str) -> str:
    """Where Azure keeps the version that a disk was made of."""
    image = known(reference)
    words = [str(reference.get(key)) for key in ("publisher", "offer", "sku")]
    version = exact_version(reference, image) if image else ""
    return (
        f"/Subscriptions/{SUBSCRIPTION_ID}/Providers/Microsoft.Compute/Locations/{location}/Publishers/{words[0]}"
        f"/ArtifactTypes/VMImage/Offers/{words[1]}/Skus/{words[2]}/Versions/{version}"
    )


def _is_a_version(text: str) -> bool:
    return text.lower() == _LATEST or (text[:1].isdigit() and text.replace(".", "").isdigit())
