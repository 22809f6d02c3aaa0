"""The computes of a stack, as a stack file has them: one Struct a kind."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from infra.settings.machines.node_sizes import NODE_SIZES, NODE_SIZES_TOLD


class Compute(Struct, frozen=True, forbid_unknown_fields=True, rename="camel", tag_field="kind"):
    """What all kinds share."""

    @property
    def kind(self) -> str:
        return str(self.__struct_config__.tag)


class ClusterSettings(Compute, frozen=True, tag="cluster"):
    """A cluster of the workspace: machines that come for a job, and go when none has come for a while."""

    name: Annotated[
        str,
        Meta(
            pattern=r"^(?=.{3,24}\Z)(?!.*-[0-9]+\Z)[a-z](?:-?[a-z0-9])*\Z",
            description="3 to 24 of a-z, 0-9 and single -, a letter first, and no number after the last -, which Azure "
            "ML refuses",
        ),
    ]
    size: Annotated[
        str,
        Meta(pattern=r"^Standard_[A-Za-z0-9_]{1,40}\Z", description="a size of Azure's such as Standard_DS3_v2"),
    ] = "Standard_DS3_v2"
    min_nodes: Annotated[int, Meta(ge=0, le=100)] = 0
    """Machines that stay, and are paid, without a job."""
    max_nodes: Annotated[int, Meta(ge=1, le=100)] = 1
    idle_seconds: Annotated[int, Meta(ge=60, le=86_400)] = 180
    """How long a machine stays when its job is done: a next one then waits for none."""


class KubernetesClusterSettings(Compute, frozen=True, tag="kubernetes"):
    """A cluster of AKS, on which models are served behind online endpoints."""

    name: Annotated[
        str,
        Meta(
            pattern=r"^(?=.{3,16}\Z)(?!.*-[0-9]+\Z)[a-z](?:-?[a-z0-9])*\Z",
            description="3 to 16 of a-z, 0-9 and single -, a letter first, and no number after the last -, which Azure "
            "ML refuses",
        ),
    ]
    size: Annotated[str, Meta(pattern=rf"^({'|'.join(NODE_SIZES)})\Z", description=NODE_SIZES_TOLD)] = "Standard_D4s_v3"
    nodes: Annotated[int, Meta(ge=1, le=100)] = 3
    """With less than three, Azure ML's router has no second replica."""
    host: (
        Annotated[
            str,
            Meta(
                pattern=r"^(?=.{4,64}\Z)[a-z0-9](?:-*[a-z0-9])*(?:\.[a-z0-9](?:-*[a-z0-9])*)+\Z",
                description="a host name of yours such as models.example.com, 64 characters at the most",
            ),
        ]
        | None
    ) = None
    """Of all endpoints of the cluster, in their addresses and the certificate. None: one that no name server knows."""
    authorized_ip_ranges: tuple[
        Annotated[
            str,
            Meta(
                pattern=r"^[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:/[0-9]{1,2})?\Z",
                description="an address or a range of IPv4 such as 203.0.113.0/24",
            ),
        ],
        ...,
    ] = ()
    """From where the cluster's API server is reached, Azure ML's own among them. None: from everywhere, by a token."""


ComputeSettings = ClusterSettings | KubernetesClusterSettings
