"""`mledge:azure:GroupReady`: waits until a container group answers over HTTPS, which its deployment does not."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from infra.resources import MledgeResource


@dataclass(frozen=True, kw_only=True)
class GroupReadyArgs:
    group_id: pulumi.Input[str]
    container: str
    image: pulumi.Input[str]
    """Another one is waited for again, as is what else restarts the container: `restarted_by`."""
    restarted_by: str
    url: str
    """Of `GET /ready`."""
    address: pulumi.Input[str]
    """Where the URL's host is, for a machine whose DNS does not know it yet."""
    ca_pem: pulumi.Input[str]
    model: str
    version: pulumi.Input[str]
    """The model and its version that must answer: the container before may still do."""
    timeout_seconds: int


class GroupReady(MledgeResource):
    resource_type = "mledge:azure:GroupReady"
    outputs = ()

    def __init__(self, name: str, args: GroupReadyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
