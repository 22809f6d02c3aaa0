"""A model served by an online endpoint of Azure ML: a managed one, which has TLS and keys of its own.

https://learn.microsoft.com/azure/machine-learning/concept-endpoints-online
azure-native makes the endpoint and never changes it: each PUT of its would carry the traffic that stood in the program,
which is none, and the service would be gone. Deployments, traffic and tags are an OnlineModel.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from clone import digests
from contracts.names import SCORING_PORT
from infra.components.model import Model
from infra.components.serving.image_puller import ImagePuller
from infra.components.serving.served_at import ServedAt
from infra.components.site import Site
from infra.pinned import pinned
from infra.resources.environment_version import EnvironmentVersion, EnvironmentVersionArgs
from infra.resources.online_model import OnlineModel, OnlineModelArgs
from infra.settings.serving import KubernetesSettings, OnlineSettings

# Another one with a newer SDK would be a PUT.
_API_VERSION = "v20251201"
_ROUTES = {"liveness": "/live", "readiness": "/ready", "scoring": "/score"}
_VERSION_LENGTH = 12
_IN_AZURE_SECONDS = 1
"""For a request's way inside Azure, beside the model's own time: who was too slow says so itself."""


@dataclass(frozen=True, kw_only=True)
class OnlineEndpointArgs:
    site: Site
    model: str
    endpoint_name: str
    workspace_name: pulumi.Input[str]
    workspace_id: str
    workspace_ready: Sequence[pulumi.Resource]
    built: Model
    """Whose image it runs, and in which version."""
    puller: ImagePuller
    size: OnlineSettings | KubernetesSettings
    hold_seconds: int


@dataclass(frozen=True, kw_only=True)
class Where:
    """What tells a managed endpoint from one in Kubernetes."""

    kind: str
    environment_name: str
    compute_id: pulumi.Output[str] | None = None
    ready: Sequence[pulumi.Resource] = ()
    ca_pem: pulumi.Output[str] | None = None
    deployment: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of the OnlineModel."""


class OnlineEndpoint(pulumi.ComponentResource):
    component_type = "edgeway:infra:OnlineEndpoint"

    def __init__(self, name: str, args: OnlineEndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(self.component_type, name, None, opts)
        self._args = args
        self._where = self._place()
        self.endpoint = self._endpoint(name)
        self.environment = self._environment(name)
        self.served = self._model(name)
        in_kubernetes = self._where.compute_id is not None
        self.served_at = ServedAt(
            model=args.model,
            url=self.served.scoring_uri,
            key=None,
            ca_pem=self._where.ca_pem,
            ip=self.served.address if in_kubernetes else None,
            endpoint_id=self.endpoint.id,
            deployment=self.served.deployment,
        )
        self.register_outputs({"url": self.served_at.url})

    def _place(self) -> Where:
        size = self._args.size
        assert isinstance(size, OnlineSettings)
        return Where(
            kind="Managed",
            environment_name=f"{self._args.model}-scoring",
            deployment={"instance_type": size.instance_type, "instances": size.instances},
        )

    def _endpoint(self, name: str) -> ml.OnlineEndpoint:
        args, site, where = self._args, self._args.site, self._where
        return pinned(ml.OnlineEndpoint, _API_VERSION)(
            name,
            endpoint_name=args.endpoint_name,
            workspace_name=args.workspace_name,
            resource_group_name=site.resource_group_name,
            location=site.location,
            tags=site.tags,
            kind=where.kind,
            identity=ml.ManagedServiceIdentityArgs(
                type="UserAssigned", user_assigned_identities=[args.puller.identity.id]
            ),
            properties=ml.OnlineEndpointPropertiesArgs(
                auth_mode="Key", public_network_access="Enabled", compute=where.compute_id
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[*args.workspace_ready, *args.puller.ready, *where.ready],
                delete_before_replace=True,
                # `properties.properties` is Azure's own: when the endpoint was changed, which a refresh would bring in
                ignore_changes=["tags", "properties.traffic", "properties.mirrorTraffic", "properties.properties"],
                replace_on_changes=[
                    "identity",
                    "location",
                    "kind",
                    "properties.authMode",
                    "properties.publicNetworkAccess",
                    *(["properties.compute"] if where.compute_id is not None else []),
                ],
            ),
        )

    def _environment(self, name: str) -> EnvironmentVersion:
        """The image as Azure ML names it. A version stays as it is: another image is another one, and the one before is
        still that of the deployment before."""
        args = self._args
        return EnvironmentVersion(
            name,
            EnvironmentVersionArgs(
                version_id=self._environment_id(),
                workspace_name=args.workspace_name,
                image=args.built.ref,
                routes=_ROUTES,
                port=SCORING_PORT,
            ),
            pulumi.ResourceOptions(parent=self, depends_on=list(args.workspace_ready)),
        )

    def _model(self, name: str) -> OnlineModel:
        args, size = self._args, self._args.size
        return OnlineModel(
            name,
            OnlineModelArgs(
                endpoint_id=self.endpoint.id,
                location=args.site.location,
                environment_id=self._environment_id(),
                model_id=args.built.registered.model_id,
                environment_variables={"SCORING_PORT": str(SCORING_PORT), **size.variables(size.memory_mb)},
                request_timeout_seconds=math.ceil(size.latency_ms / 1000) + _IN_AZURE_SECONDS,
                concurrent_requests=size.in_flight(size.memory_mb) * size.workers,
                traffic=size.traffic,
                hold_seconds=args.hold_seconds,
                probes=size.probes,
                digest=args.built.run.digest,
                source=args.built.source,
                tags=args.site.tags,
                **self._where.deployment,
            ),
            pulumi.ResourceOptions(parent=self, depends_on=[self.environment, *self._where.ready]),
        )

    def _environment_id(self) -> pulumi.Output[str]:
        """Known before it is made: the engine knows no id of a replaced resource, and a preview of going back to the
        image that serves would say that the endpoint changes over."""
        version = self._args.built.ref.apply(_environment_version)
        folder = f"{self._args.workspace_id}/environments/{self._where.environment_name}/versions"
        return pulumi.Output.concat(folder, "/", version)


def _environment_version(image: object) -> str:
    # a targeted `up` may leave the image out: it is None then, and what is made of it is not made
    return digests.of_environment(image=str(image), routes=_ROUTES, port=SCORING_PORT)[:_VERSION_LENGTH]
