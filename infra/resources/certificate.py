"""`mledge:tls:Certificate`: a CA of its own and a server certificate, for a service that serves HTTPS itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi

from infra.resources import MledgeResource


@dataclass(frozen=True, kw_only=True)
class CertificateArgs:
    common_name: pulumi.Input[str]
    dns_names: Sequence[pulumi.Input[str]]
    validity_days: pulumi.Input[int]
    rotation: pulumi.Input[int] = 0
    key: Literal["ecP256", "rsa2048"] | None = None
    """None: ecP256."""


class Certificate(MledgeResource):
    resource_type = "mledge:tls:Certificate"
    outputs = ("certificatePem", "privateKeyPem", "caPem")
    secret_outputs = ("privateKeyPem",)

    def __init__(self, name: str, args: CertificateArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)

    @property
    def certificate_pem(self) -> pulumi.Output[str]:
        return self.output("certificatePem")

    @property
    def private_key_pem(self) -> pulumi.Output[str]:
        return self.output("privateKeyPem")

    @property
    def ca_pem(self) -> pulumi.Output[str]:
        return self.output("caPem")
