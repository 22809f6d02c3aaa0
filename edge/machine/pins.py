"""Every version that goes onto a machine, in one place. Another one here replaces each virtual machine of a stack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Ubuntu = Literal["22.04", "24.04"]
"""Those that aziot-edge 1.6 has packages for. https://github.com/Azure/iotedge/blob/main/CHANGELOG.md"""

IMAGES: Mapping[Ubuntu, tuple[str, str, str]] = {
    "22.04": ("0001-com-ubuntu-server-jammy", "22_04-lts-gen2", "22.04.202510230"),
    "24.04": ("ubuntu-24_04-lts", "server", "24.04.202609040"),
}
"""Offer, sku and version of Canonical's images in Azure, of the generation that has secure boot."""

CODENAMES: Mapping[Ubuntu, str] = {"22.04": "jammy", "24.04": "noble"}

MOBY_VERSIONS: Mapping[Ubuntu, str] = {
    "22.04": "29.7.2-ubuntu22.04u2",
    "24.04": "29.7.2-ubuntu24.04u2",
}
"""28, or 29.5 and newer: between them Docker's API refuses the version that the runtime speaks."""

EDGE_VERSION = "1.6.0-1"
"""Of aziot-edge, which wants aziot-identity-service in exactly the same one."""
RUNTIMES = "1.6."
"""How `edgeRuntime`, the images of agent and hub, begins beside this daemon."""
AGENT_REPOSITORY = "mcr.microsoft.com/azureiotedge-agent"
AGENT_IMAGE = f"{AGENT_REPOSITORY}:1.6.1"
"""The first agent of a machine, until the base deployment names its own: another `edgeRuntime` replaces no machine."""

DRIVER = "580-server"
"""The branch of NVIDIA's driver whose modules Ubuntu builds and signs for each of its kernels, so that they load with
secure boot on: a version of their own they have not."""
CONTAINER_TOOLKIT = "1.17.8-1"

MICROSOFT_KEY = "BC528686B50D79E339D3721CEB3E94ADBE1229CF"
"""Fingerprint of https://packages.microsoft.com/keys/microsoft.asc"""
NVIDIA_KEY = "C95B321B61E88C1809C4F759DDCAE044F796ECB0"
"""Fingerprint of https://nvidia.github.io/libnvidia-container/gpgkey"""
