"""Virtual machines that are IoT Edge devices, as a stack file has them."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from edge.machine.pins import Ubuntu

HOSTS_TOLD = "external, or a tree of kind: vm, sshPublicKey, size, ubuntu, outbound, diskGb, elevated"
"""What `host` of a device may be."""

# Letters, cores, features, and what comes after: p among the features is an Arm processor, for which nothing is built.
_SIZE = r"^Standard_(?:[BDEF]|DS|NC)[0-9]+(?:-[0-9]+)?[a-oq-z]*(?:_[A-Za-z0-9]+)*\Z"
_WITH_GPU = "Standard_NC"


class VmHost(Struct, frozen=True, forbid_unknown_fields=True, rename="camel", tag_field="kind", tag="vm"):
    ssh_public_key: Annotated[
        str,
        Meta(
            pattern=r"^ssh-(?:rsa|ed25519) [A-Za-z0-9+/]{60,}={0,2}(?: [^\r\n]*)?\Z",
            max_length=4096,
            description="a public key of SSH in one line, ssh-ed25519 or ssh-rsa: Azure makes no machine without one, "
            "though nobody reaches its port",
        ),
    ]
    size: Annotated[
        str,
        Meta(
            pattern=_SIZE,
            description="a size of Azure's for amd64 of the families B, D, E, F or, with a GPU, NC, such as "
            "Standard_B2s_v2 or Standard_NC4as_T4_v3",
        ),
    ] = "Standard_B2s_v2"
    ubuntu: Ubuntu = "24.04"
    outbound: Literal["publicIp", "nat"] = "publicIp"
    """How it reaches packages, images and its hub: from an address of its own, or from one of a NAT gateway that all
    such machines of the stack share. Nobody reaches it by either."""
    disk_gb: Annotated[int, Meta(ge=30, le=4095)] = 30
    """Of its system, which holds images and what modules store."""
    elevated: bool = False
    """Whether modules may be privileged or have capabilities added."""

    @property
    def has_gpu(self) -> bool:
        return self.size.startswith(_WITH_GPU)
