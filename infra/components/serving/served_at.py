"""What every serving place answers with: all that the stack's outputs and the command line know of it."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class ServedAt:
    model: str
    url: pulumi.Input[str]
    """Of `POST /score`."""
    key: pulumi.Output[str] | None
    """Secret; sent as `Authorization: Bearer`. None where Azure keeps it: whoever calls asks the endpoint for it."""
    ca_pem: pulumi.Output[str] | None
    """The CA that signed the place's certificate; None where the ones that every client trusts did."""
    ip: pulumi.Output[str] | None = None
    """Where a client connects if no name server knows the URL's host."""
    fqdn: pulumi.Output[str] | None = None
    endpoint_id: pulumi.Output[str] | None = None
    """Of an online endpoint."""
    deployment: pulumi.Output[str] | None = None
    """Of those behind it, the one that serves."""
