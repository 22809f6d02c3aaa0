"""The base deployment of an environment's devices: the runtime at one exact patch, and where images are pulled from.

https://learn.microsoft.com/azure/iot-edge/module-deployment-monitoring
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from edge.manifest import BASE_PRIORITY, HUB_PORTS, RegistryCredential, SystemModule, base_content, parenthesised
from infra.resources.edge_deployment import EdgeDeployment, EdgeDeploymentArgs
from infra.resources.token_password import TokenPassword

_AGENT, _HUB = "mcr.microsoft.com/azureiotedge-agent", "mcr.microsoft.com/azureiotedge-hub"
_LOGS = {"LogConfig": {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "3"}}}


@dataclass(frozen=True, kw_only=True)
class BaseDeploymentArgs:
    hub_host: pulumi.Input[str]
    environment: str
    edge_runtime: str
    login_server: pulumi.Input[str]
    pull_password: TokenPassword | None
    """Of the registry token that devices pull with; None where they pull nothing of ours."""
    hub_ready: Sequence[pulumi.Resource]


class BaseDeployment(pulumi.ComponentResource):
    def __init__(self, name: str, args: BaseDeploymentArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("edgeway:infra:BaseDeployment", name, None, opts)
        ports = {f"{port}/tcp": [{"HostPort": str(port)}] for port in HUB_PORTS}
        self.deployment = EdgeDeployment(
            name,
            EdgeDeploymentArgs(
                hub_host=args.hub_host,
                name=f"{args.environment}-base",
                kind="base",
                content=base_content(
                    agent=SystemModule(
                        image=f"{_AGENT}:{args.edge_runtime}", create_options={"HostConfig": dict(_LOGS)}
                    ),
                    hub=SystemModule(
                        image=f"{_HUB}:{args.edge_runtime}",
                        create_options={"HostConfig": {"PortBindings": ports, **_LOGS}},
                    ),
                    credentials=_credentials(args.login_server, args.pull_password),
                ),
                target_condition=parenthesised(f"tags.environment = '{args.environment}'"),
                priority=BASE_PRIORITY,
                labels={"environment": args.environment},
            ),
            pulumi.ResourceOptions(parent=self, depends_on=list(args.hub_ready)),
        )
        self.register_outputs({})


def _credentials(login_server: pulumi.Input[str], pull_password: TokenPassword | None) -> dict[str, RegistryCredential]:
    if pull_password is None:
        return {}
    return {
        "edgeway": RegistryCredential(
            address=login_server, username=pull_password.username, password=pull_password.password
        )
    }
